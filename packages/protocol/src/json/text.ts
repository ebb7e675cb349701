import type { Payload } from "../payload.ts";

/** What JSON must escape, and surrogates, which may be halves. */
// oxlint-disable-next-line no-control-regex
const SPECIAL = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A JSON string. Most names need no escape, and the test costs half of JSON.stringify. */
export function quote(text: string): string {
  return SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/**
 * JSON text without line breaks, which would end a line of a frame. In valid JSON they stand only between tokens, where
 * a space means the same.
 */
export function oneLine(json: string): string {
  return json.includes("\n") || json.includes("\r") ? json.replaceAll(/[\r\n]/g, " ") : json;
}

/** `"data":…`, `"text":…` or `"base64":…`. */
export function payloadMember(payload: Payload): string {
  if (payload.format === "json") return `"data":${oneLine(payload.text)}`;
  if (payload.format === "text") return `"text":${quote(payload.text)}`;
  return `"base64":"${payload.bytes.toBase64()}"`;
}
