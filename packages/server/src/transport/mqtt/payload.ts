import { isUtf8 } from "node:buffer";
import { Payload } from "@tidegate/protocol";

const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });

/** MQTT says nothing of what bytes mean: JSON is what reads as JSON, text what reads as UTF-8. */
export function payloadOf(bytes: Uint8Array): Payload {
  if (!isUtf8(bytes)) return Payload.binary(bytes);
  if (!mayBeJson(bytes)) return Payload.of("text", bytes);
  try {
    JSON.parse(TEXT.decode(bytes));
    return Payload.of("json", bytes);
  } catch {
    return Payload.of("text", bytes);
  }
}

/** Whether its first character can begin a JSON text: an object, an array, a string, a number, true, false, null. */
function mayBeJson(bytes: Uint8Array): boolean {
  const first = bytes[0];
  return first !== undefined && '{["-0123456789tfn \t\r\n'.includes(String.fromCharCode(first));
}
