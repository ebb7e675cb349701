import { createHash, pbkdf2, timingSafeEqual } from "node:crypto";

/** Whether the hash is the password's: one of those that auth.users takes. Beside the main thread where it costs. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, version, ...parts] = hash.split("$");
  if (version !== "6" && version !== "7") return Bun.password.verify(password, hash);
  const digest = bytesOf(parts.at(-1));
  const salt = bytesOf(parts.at(-2));
  return timingSafeEqual(
    version === "6" ? sha512(password, salt) : await derived(password, salt, Number(parts[0])),
    digest,
  );
}

/** `$6$salt$digest`: mosquitto_passwd up to 1.6, and -H sha512. */
function sha512(password: string, salt: Uint8Array): Buffer {
  return createHash("sha512").update(password).update(salt).digest();
}

/** `$7$iterations$salt$digest`: mosquitto_passwd of 2.0. */
function derived(password: string, salt: Uint8Array, iterations: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, 64, "sha512", (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

function bytesOf(base64 = ""): Buffer {
  return Buffer.from(base64, "base64");
}
