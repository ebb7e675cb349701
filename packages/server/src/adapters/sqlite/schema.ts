/** In the file's header, where tools such as `file` look: "Tide" in ASCII. */
export const APPLICATION_ID = 0x54696465;

/** Of the tables below. A later version is refused, an earlier one will be converted. */
export const SCHEMA_VERSION = 1;

/**
 * messages: one row for each message. `flags` packs format, priority, retain, origin and quality (log/flags.ts); `lag` is when the log
 * stored it, as milliseconds after `time`; a payload is TEXT or BLOB, in the form in which it came.
 * by_topic: the index that finds a topic's messages. It is filled in groups (topic-index.ts), which is why it is a
 * table: `meta.indexed` says up to which offset.
 * topics: `floor` is the offset of the newest message that retention removed, `retained` that of the retained value or
 * 0; `swept` and `kept` are the head and the number of messages at the last trim.
 */
export const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE topics (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  floor INTEGER NOT NULL DEFAULT 0,
  retained INTEGER NOT NULL DEFAULT 0,
  swept INTEGER NOT NULL DEFAULT 0,
  kept INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX topics_by_floor ON topics (floor);
CREATE INDEX topics_by_retained ON topics (retained) WHERE retained > 0;
CREATE TABLE messages (
  offset INTEGER PRIMARY KEY,
  topic INTEGER NOT NULL,
  previous INTEGER NOT NULL,
  id TEXT,
  sender TEXT,
  time INTEGER NOT NULL,
  lag INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  headers TEXT,
  payload NOT NULL
);
CREATE TABLE by_topic (
  topic INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  PRIMARY KEY (topic, offset)
) WITHOUT ROWID;
`;
