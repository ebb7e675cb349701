import { MARK_START } from "./mark.ts";
import { readDigits } from "./digits.ts";

/** Ids of measured commands have nine digits, so that a frame's length does not change; smaller ids set things up. */
export const FIRST_ID = 100_000_000;
export const ID_WIDTH = 9;
/** Where the id stands in `{"id":100000000,…`. */
const ID_AT = 6;

export interface LineSink {
  /** The server accepted the measured command `id`. */
  accepted(id: number): void;
  /** A message whose mark is at `bytes[mark]`. */
  marked(bytes: Uint8Array, mark: number): void;
  /** Everything else: replies while setting up, errors, other pushes. */
  other(text: string): void;
}

/**
 * Tells the JSON objects of a frame apart by a few of their bytes. `success` is what follows the id of a measured
 * command that went well: whatever looks otherwise goes to `other` and is parsed there.
 */
export function readLines(bytes: Uint8Array, start: number, end: number, success: Uint8Array, sink: LineSink): void {
  let at = start;
  while (at < end) {
    let mark = -1;
    let stop = at;
    for (; stop < end; stop++) {
      const byte = bytes[stop]!;
      if (byte === NEWLINE) break;
      if (byte === MARK_START && mark < 0) mark = stop;
    }
    if (stop > at) readLine(bytes, at, stop, mark, success, sink);
    at = stop + 1;
  }
}

function readLine(
  bytes: Uint8Array,
  at: number,
  stop: number,
  mark: number,
  success: Uint8Array,
  sink: LineSink,
): void {
  const reply = bytes[at + 2] === LETTER_I && bytes[at + 3] === LETTER_D;
  if (!reply && mark >= 0) return sink.marked(bytes, mark);
  const id = reply ? readDigits(bytes, at + ID_AT, ID_WIDTH) : Number.NaN;
  if (id >= FIRST_ID && holds(bytes, at + ID_AT + ID_WIDTH, success)) return sink.accepted(id);
  sink.other(new TextDecoder().decode(bytes.subarray(at, stop)));
}

function holds(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

const NEWLINE = 10;
const LETTER_I = 0x69;
const LETTER_D = 0x64;
