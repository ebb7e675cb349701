import { join } from "node:path";
import { openSqliteSessionStore, type SqliteSessionStoreOptions } from "../../src/adapters/sqlite/session-store.ts";
import { systemClock } from "../../src/clock.ts";
import type { SessionStore } from "../../src/durable/session-store.ts";
import { TempDir } from "../support/temp-dir.ts";

/** SQLite session stores in a directory that goes when the tests are over. */
export class TempStores {
  readonly #directory = new TempDir("tidegate-sessions");
  readonly warnings: string[] = [];
  readonly #open: SessionStore[] = [];
  #count = 0;

  path(): string {
    return join(this.#directory.path, `${++this.#count}.db`);
  }

  async open(options: Partial<SqliteSessionStoreOptions> = {}): Promise<SessionStore> {
    const store = await openSqliteSessionStore({
      path: this.path(),
      durability: "process",
      clock: systemClock,
      warn: (message) => void this.warnings.push(message),
      ...options,
    });
    this.#open.push(store);
    return store;
  }

  async remove(): Promise<void> {
    for (const store of this.#open) await store.close();
    this.#directory.remove();
  }
}
