import type { Database } from "bun:sqlite";
import type { Message, Stored } from "@tidegate/protocol";
import { packFlags, payloadIn, withFlags } from "../../log/flags.ts";

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

/** Several rows in one statement: fewer calls. */
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
  const message = withFlags(flags, {
    topic,
    payload: payloadIn(flags, payload),
    id: id ?? undefined,
    from: sender ?? undefined,
    time,
    headers: headers === null ? undefined : (JSON.parse(headers) as Record<string, string>),
  });
  return { message, offset, previous };
}
