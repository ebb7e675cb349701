import { wrong } from "../check.ts";
import { PRIORITIES } from "../message.ts";
import { Payload } from "../payload.ts";
import type { Reader } from "./reader.ts";
import { FORMATS, PRIORITY_OF } from "./tables.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NOTHING = new Uint8Array(0);

/** The payload of a message; JSON is checked, for it is put into other JSON as it is. */
export function payloadOf(format: number, bytes: Uint8Array = NOTHING, path: string): Payload {
  const name = FORMATS[format];
  if (name === undefined) return wrong(path, `no format has number ${format}; there are 0 binary, 1 JSON, 2 text`);
  // A copy: the bytes of a frame belong to the transport, and a view would keep all of the frame.
  if (name === "binary") return Payload.binary(new Uint8Array(bytes));
  const text = utf8(bytes, path);
  if (name === "text") return Payload.text(text);
  parseJson(text, path);
  return Payload.json(text);
}

function utf8(bytes: Uint8Array, path: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return wrong(path, "it is not UTF-8");
  }
}

export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return wrong(path, "it is not JSON");
  }
}

/** The JSON subprotocol's word for a priority's number; no word at all for an unknown one, which is then refused. */
export function priorityWord(number: number): string {
  const priority = PRIORITY_OF[number];
  return priority === undefined ? `number ${number}` : PRIORITIES[priority];
}

/** One entry of a map<string, string>; the last of equal names counts. */
export function readHeader(entry: Reader, into: Record<string, string>): void {
  let name = "";
  let value = "";
  while (entry.more) {
    const tag = entry.tag();
    if (tag === 0x0a) name = entry.string();
    else if (tag === 0x12) value = entry.string();
    else entry.skip(tag);
  }
  // Assigning it would set the prototype and lose the header without a word.
  if (name === "__proto__") wrong("headers", "no header is named __proto__");
  into[name] = value;
}
