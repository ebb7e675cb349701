import { Database } from "bun:sqlite";
import type { CheckpointAnswer, CheckpointTask } from "./checkpointer.ts";

/** Copies the write-ahead log into the database, off the event loop, on a connection of its own. */
declare const self: Worker;

let db: Database | undefined;

self.onmessage = (event: MessageEvent<CheckpointTask>): void => {
  const { path, mode } = event.data;
  let answer: CheckpointAnswer = { error: undefined };
  try {
    if (mode === "CLOSE") db?.close();
    else (db ??= open(path)).query(`PRAGMA wal_checkpoint(${mode})`).all();
  } catch (error) {
    answer = { error: (error as Error).message };
  }
  postMessage(answer);
};

function open(path: string): Database {
  const made = new Database(path, { readwrite: true });
  made.run("PRAGMA busy_timeout = 5000");
  // The syncs of a checkpoint follow the connection that runs it.
  made.run("PRAGMA synchronous = NORMAL");
  made.run("PRAGMA wal_autocheckpoint = 0");
  return made;
}
