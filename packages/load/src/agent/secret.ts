import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * The answer to a challenge: both sides show that they know the secret, and it is never sent. `role` keeps one side's
 * answer from being given back as the other's.
 */
export function proofOf(secret: string, role: "master" | "agent", challenge: string): string {
  return createHmac("sha256", secret).update(`tidegate load ${role} ${challenge}`).digest("hex");
}

export function isProof(given: unknown, secret: string, role: "master" | "agent", challenge: string): boolean {
  const expected = Buffer.from(proofOf(secret, role, challenge));
  const bytes = Buffer.from(typeof given === "string" ? given : "");
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
