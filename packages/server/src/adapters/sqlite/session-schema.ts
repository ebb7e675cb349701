import type { Database } from "bun:sqlite";
import type { FileKind } from "./kind.ts";

const OWNERS_INDEX = "CREATE INDEX sessions_by_owner ON sessions (owner) WHERE owner IS NOT NULL;";

/**
 * subscriptions: their ids grow in the order in which they were made.
 * positions: how far a subscription is done in each log.
 * flights: `direction` and `state` are the places of the words in session-rows.ts; `place` grows in the order in which
 * they were put. Their key holds the row, so that a message on its way costs one page and not two.
 */
const SCHEMA = `
CREATE TABLE sessions (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user TEXT,
  expires INTEGER,
  note TEXT,
  owner TEXT
);
CREATE INDEX sessions_by_end ON sessions (expires) WHERE expires IS NOT NULL;
${OWNERS_INDEX}
CREATE TABLE subscriptions (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL,
  filter TEXT NOT NULL,
  options TEXT NOT NULL,
  UNIQUE (session, filter)
);
CREATE TABLE positions (
  subscription INTEGER NOT NULL,
  epoch TEXT NOT NULL,
  offset INTEGER NOT NULL,
  PRIMARY KEY (subscription, epoch)
) WITHOUT ROWID;
CREATE TABLE flights (
  session INTEGER NOT NULL,
  direction INTEGER NOT NULL,
  packet INTEGER NOT NULL,
  place INTEGER NOT NULL,
  state INTEGER NOT NULL,
  filter TEXT NOT NULL,
  epoch TEXT NOT NULL,
  offset INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  PRIMARY KEY (session, direction, packet)
) WITHOUT ROWID;
`;

/** Durable sessions as a file. */
export const SESSION_FILE: FileKind = {
  noun: "sessions",
  refusal: "SessionFileRefused",
  loss: "clients then begin anew, without their subscriptions and what was under way",
  // "TidS" in ASCII.
  applicationId: 0x54696453,
  version: 2,
  schema: SCHEMA,
  convert: (db) => {
    // Version 1 did not say who has a session's client.
    db.run(`ALTER TABLE sessions ADD COLUMN owner TEXT; ${OWNERS_INDEX}`);
  },
  smallTables: ["sessions"],
  fault: orphanFault,
};

/** Whatever belongs to no session was left by damage: it could come back as part of another one. */
function orphanFault(db: Database, whole: boolean): string | undefined {
  if (!whole) return undefined;
  for (const { table, owner, key, parent } of OWNERS) {
    const sql = `SELECT ${owner} AS lost FROM ${table} WHERE ${owner} NOT IN (SELECT ${key} FROM ${parent}) LIMIT 1`;
    const found = db.query<{ lost: number }, []>(sql).get();
    if (found !== null) return `a row of ${table} belongs to ${parent} ${found.lost}, which is not there`;
  }
  return undefined;
}

const OWNERS = [
  { table: "subscriptions", owner: "session", key: "key", parent: "sessions" },
  { table: "positions", owner: "subscription", key: "id", parent: "subscriptions" },
  { table: "flights", owner: "session", key: "key", parent: "sessions" },
] as const;
