import { Database } from "bun:sqlite";
import { rmSync } from "node:fs";

/** Changes a closed SQLite file behind the back of the program that made it. */
export function editDatabase(path: string, sql: string): void {
  const db = new Database(path);
  db.run("PRAGMA journal_mode = DELETE");
  db.run(sql);
  db.run("PRAGMA journal_mode = WAL");
  db.close();
  for (const end of ["-wal", "-shm"]) rmSync(path + end, { force: true });
}
