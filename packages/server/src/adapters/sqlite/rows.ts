import type { Database } from "bun:sqlite";
import {
  Payload,
  type Message,
  type Origin,
  type PayloadFormat,
  type Priority,
  type Quality,
  type Stored,
} from "@tidegate/protocol";

const FORMATS: readonly PayloadFormat[] = ["json", "text", "binary"];
const ORIGINS: readonly Origin[] = ["websocket", "http", "mqtt", "grpc", "server"];

const FORMAT_CODE = codes(FORMATS);
const ORIGIN_CODE = codes(ORIGINS);

function codes<T extends string>(names: readonly T[]): Record<T, number> {
  return Object.fromEntries(names.map((name, code) => [name, code])) as Record<T, number>;
}

/** The columns of a read, in the order of `Row`. */
export const COLUMNS = "m.offset, m.previous, m.id, m.sender, m.time, m.flags, m.headers, m.payload";

export type Row = readonly [
  offset: number,
  previous: number,
  id: string | null,
  sender: string | null,
  time: number,
  flags: number,
  headers: string | null,
  payload: string | Uint8Array,
];

type Value = string | number | null | Uint8Array;

/** Where a message is put. */
export interface Place {
  readonly offset: number;
  readonly previous: number;
  readonly topicId: number;
  /** When the log stores it, in milliseconds since 1970. */
  readonly at: number;
}

/** Several rows in one statement: each by itself takes a third longer. */
const RUN = 16;
const COLUMN_COUNT = 10;

/** Gathers rows, which are in the file after `flush`. */
export class RowWriter {
  readonly #insertOne;
  readonly #insertRun;
  #values: Value[] = [];

  constructor(db: Database) {
    this.#insertOne = db.prepare<unknown, Value[]>(insertOf(1));
    this.#insertRun = db.prepare<unknown, Value[]>(insertOf(RUN));
  }

  add(message: Message, { offset, topicId, previous, at }: Place): void {
    const { payload, headers, time } = message;
    this.#values.push(
      offset,
      topicId,
      previous,
      message.id ?? null,
      message.from ?? null,
      time,
      at - time,
      packFlags(message),
      headers === undefined ? null : JSON.stringify(headers),
      payload.form,
    );
    if (this.#values.length < RUN * COLUMN_COUNT) return;
    this.#insertRun.run(...this.#values);
    this.#values = [];
  }

  flush(): void {
    const values = this.#values;
    this.#values = [];
    for (let at = 0; at < values.length; at += COLUMN_COUNT)
      this.#insertOne.run(...values.slice(at, at + COLUMN_COUNT));
  }

  /** Forgets what was not flushed. */
  takeBack(): void {
    this.#values = [];
  }
}

function insertOf(rows: number): string {
  const row = `(${Array<string>(COLUMN_COUNT).fill("?").join(", ")})`;
  return `INSERT INTO messages VALUES ${Array<string>(rows).fill(row).join(", ")}`;
}

export function toStored(row: Row, topic: string): Stored {
  const [offset, previous, id, sender, time, flags, headers, payload] = row;
  const message: Message = {
    topic,
    payload: toPayload(FORMATS[flags & 3] ?? "binary", payload),
    id: id ?? undefined,
    from: sender ?? undefined,
    time,
    priority: ((flags >> 2) & 3) as Priority,
    headers: headers === null ? undefined : (JSON.parse(headers) as Record<string, string>),
    retain: (flags & 16) !== 0,
    origin: ORIGINS[(flags >> 5) & 7] ?? "server",
    // 0 is what rows have that say nothing of it.
    ...(flags >> 8 === 0 ? {} : { quality: ((flags >> 8) - 1) as Quality }),
  };
  return { message, offset, previous };
}

function packFlags({ payload, priority, retain, origin, quality }: Message): number {
  const promised = quality === undefined ? 0 : quality + 1;
  return (
    FORMAT_CODE[payload.format] | (priority << 2) | (retain ? 16 : 0) | (ORIGIN_CODE[origin] << 5) | (promised << 8)
  );
}

function toPayload(format: PayloadFormat, body: string | Uint8Array): Payload {
  if (typeof body !== "string") return Payload.of(format, body);
  return format === "json" ? Payload.json(body) : Payload.text(body);
}
