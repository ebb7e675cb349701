import { isUtf8 } from "node:buffer";
import { Payload } from "@tidegate/protocol";
import { isJson } from "./json-bytes.ts";

const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });

/** MQTT says nothing of what bytes mean: JSON is what reads as JSON, text what reads as UTF-8. */
export function payloadOf(bytes: Uint8Array): Payload {
  if (!isUtf8(bytes)) return Payload.binary(bytes);
  return Payload.of((isJson(bytes) ?? parses(bytes)) ? "json" : "text", bytes);
}

function parses(bytes: Uint8Array): boolean {
  try {
    JSON.parse(TEXT.decode(bytes));
    return true;
  } catch {
    return false;
  }
}
