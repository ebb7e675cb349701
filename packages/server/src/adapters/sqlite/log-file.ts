import type { Database } from "bun:sqlite";
import type { FileKind } from "./kind.ts";
import { Meta } from "./meta.ts";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** The log as a file. `randomId` makes the epoch of a new one. */
export function logFile(randomId: () => string): FileKind {
  return {
    noun: "log",
    refusal: "LogFileRefused",
    loss: "its messages are then gone and clients are told so by a new epoch",
    applicationId: APPLICATION_ID,
    version: SCHEMA_VERSION,
    schema: SCHEMA,
    smallTables: ["meta", "topics"],
    fill: (db) => new Meta(db).set("epoch", randomId()),
    fault: chainFault,
  };
}

/** Among the newest messages each must name its predecessor, and a topic that exists. */
function chainFault(db: Database): string | undefined {
  const rows = db
    .query<{ offset: number; previous: number; topic: number; floor: number | null }, [number]>(
      `SELECT m.offset, m.previous, m.topic, t.floor FROM messages m LEFT JOIN topics t ON t.id = m.topic
       ORDER BY m.offset DESC LIMIT ?`,
    )
    .all(CHAIN_ROWS);
  const heads = new Map<number, number>();
  for (const { offset, previous, topic, floor } of rows.toReversed()) {
    if (floor === null) return `the message ${offset} belongs to no topic`;
    const expected = heads.get(topic);
    const broken = previous >= offset || (offset > floor && expected !== undefined && previous !== expected);
    if (broken) return `the message ${offset} names ${previous} as the one before it`;
    if (offset > floor) heads.set(topic, offset);
  }
  return undefined;
}

/** Few enough that nobody waits for them. */
const CHAIN_ROWS = 10_000;
