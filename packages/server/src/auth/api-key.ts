/** SHA-256 of a key as 64 hexadecimal digits: what auth.keys holds. A key is random, so it needs no slow hash. */
export function hashKey(key: string): string {
  return Bun.SHA256.hash(key, "hex");
}

/**
 * A new API key, `tg_` and 43 characters for 32 random bytes.
 *
 * @param random - fills the bytes; `crypto.getRandomValues` outside tests
 */
export function newKey(random: (bytes: Uint8Array<ArrayBuffer>) => unknown): string {
  const bytes = new Uint8Array(32);
  random(bytes);
  return `tg_${bytes.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}
