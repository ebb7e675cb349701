/** How a payload is put on the wire: exactly one of the three. */
export type WirePayload = { data: unknown } | { text: string } | { base64: string };

export type PayloadFormat = "json" | "text" | "binary";

/** Throws a TypeError for what JSON cannot carry. */
export function encodePayload(data: unknown, as: "json" | "text" | undefined): WirePayload {
  if (as === "text") {
    if (typeof data !== "string") throw new TypeError(`data: {as: "text"} takes a string, not a ${typeof data}`);
    return { text: data };
  }
  if (data instanceof Uint8Array) return { base64: toBase64(data) };
  if (["undefined", "function", "symbol"].includes(typeof data))
    throw new TypeError(`data: JSON has no ${typeof data}`);
  return { data };
}

export function decodePayload(raw: { data?: unknown; text?: unknown; base64?: unknown }): {
  readonly data: unknown;
  readonly format: PayloadFormat;
} {
  if (typeof raw.base64 === "string") return { data: fromBase64(raw.base64), format: "binary" };
  return typeof raw.text === "string" ? { data: raw.text, format: "text" } : { data: raw.data, format: "json" };
}

/** btoa takes one character for each byte; the argument list of fromCharCode is bounded, so in pieces. */
function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
