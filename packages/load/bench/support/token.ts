import { createHmac } from "node:crypto";

/** A JWT of RFC 7519, signed with HS256, of a user of its own. */
export function tokenOf(index: number, secret: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: `user_${index}`, iat: now, exp: now + 86_400 })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
