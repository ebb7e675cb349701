import { writeDigits } from "../wire/digits.ts";
import { MARK_LENGTH, MARK_START, writeMark } from "../wire/mark.ts";

/** Digits of an id: as many for each, so that frames of a load have one length. */
const ID_WIDTH = 9;
/** Ids count from here. */
export const FIRST_ID = 100_000_000;
/** Ids of what is no publish: connect, subscribe, heartbeats. */
export const SETUP_ID = 900_000_000;

/** What the variables of a template stand for. */
export interface Values {
  readonly id: number;
  readonly topic: string;
  readonly client: number;
  readonly token: string;
  /** Only for publishes. */
  readonly message: Message | undefined;
}

export interface Message {
  readonly stream: number;
  readonly number: number;
  /** Microseconds of the run's clock. */
  readonly due: number;
  /** Bytes of `{payload}`: JSON with a mark in it. */
  readonly bytes: number;
}

export const VARIABLES = ["id", "topic", "client", "token", "payload", "text", "escaped"] as const;
type Variable = (typeof VARIABLES)[number];
type Part = Uint8Array | Variable;

const JSON_FRAME = '{"text":""}';
const FILL = 0x78;
const encoder = new TextEncoder();
const OPEN = encoder.encode('{"text":"');
const CLOSE = encoder.encode('"}');

/** A frame with variables, made ready to be written into bytes without building text. Other braces stand for themselves. */
export class Template {
  readonly #parts: readonly Part[];
  readonly #fixed: number;

  constructor(text: string) {
    const pieces = text.split(new RegExp(`\\{(${VARIABLES.join("|")})\\}`));
    this.#parts = pieces.flatMap((piece, i): Part[] => {
      if (i % 2 === 1) return [piece as Variable];
      return piece === "" ? [] : [encoder.encode(piece)];
    });
    this.#fixed = this.#parts.reduce((sum, part) => sum + (typeof part === "string" ? 0 : part.length), 0);
  }

  /** Bytes that a frame has at most. */
  most({ topic, token, message }: Values): number {
    const texts = 9 * topic.length + 3 * token.length;
    return this.#fixed + this.#parts.length * (20 + texts + (message?.bytes ?? 0));
  }

  /** Writes a frame at `at`; returns where it ends. */
  write(into: Uint8Array, at: number, values: Values): number {
    for (const part of this.#parts) {
      if (typeof part !== "string") {
        into.set(part, at);
        at += part.length;
      } else at = writeVariable(part, into, at, values);
    }
    return at;
  }

  /** A frame on its own, for what is sent seldom. */
  render(values: Values): Uint8Array {
    const bytes = new Uint8Array(this.most(values));
    return bytes.slice(0, this.write(bytes, 0, values));
  }
}

function writeVariable(name: Variable, into: Uint8Array, at: number, values: Values): number {
  switch (name) {
    case "id":
      writeDigits(into, at, ID_WIDTH, values.id);
      return at + ID_WIDTH;
    case "payload":
      return writePayload(into, at, values.message);
    case "text":
      return writeText(into, at, values.message, JSON_FRAME.length);
    case "client":
      return at + encoder.encodeInto(String(values.client), into.subarray(at)).written;
    case "escaped":
      return at + encoder.encodeInto(encodeURIComponent(values.topic), into.subarray(at)).written;
    case "topic":
    case "token":
      return at + encoder.encodeInto(values[name], into.subarray(at)).written;
  }
}

/** `{payload}`: JSON of the message's size with its mark. */
export function writePayload(into: Uint8Array, at: number, message: Message | undefined): number {
  into.set(OPEN, at);
  const end = writeText(into, at + OPEN.length, message, JSON_FRAME.length);
  into.set(CLOSE, end);
  return end + CLOSE.length;
}

/** The mark and what fills it up to the payload's size, less `frame` bytes. Nothing without a message. */
function writeText(into: Uint8Array, at: number, message: Message | undefined, frame: number): number {
  if (message === undefined) return at;
  into[at] = MARK_START;
  writeMark(into, at, message.stream, message.number, message.due);
  const end = at + Math.max(MARK_LENGTH, message.bytes - frame);
  into.fill(FILL, at + MARK_LENGTH, end);
  return end;
}
