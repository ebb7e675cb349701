import { usageError } from "../exit.ts";

export type PayloadKind = "auto" | "text" | "base64";

/** The member of a publish body that holds the payload, as JSON text: `"data":{…}`. */
export function payloadOf(bytes: Uint8Array, kind: PayloadKind): string {
  const text = decoded(bytes);
  if (kind === "base64") return member("base64", base64Of(text));
  if (text === undefined) {
    if (kind === "text") throw usageError("--text: it is not valid UTF-8");
    return member("base64", bytes.toBase64());
  }
  // As it was written: parsing and writing it anew would round large numbers.
  if (kind === "auto" && isJson(text)) return `"data":${text}`;
  return member("text", text);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function base64Of(text: string | undefined): string {
  const digits = text?.replaceAll(/\s/g, "") ?? "";
  try {
    return Uint8Array.fromBase64(digits).toBase64();
  } catch {
    throw usageError("--base64: it is not base64");
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function member(name: string, value: string): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}
