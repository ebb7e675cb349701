import { join } from "node:path";
import { openSqliteLog } from "../../src/adapters/sqlite/log.ts";
import type { SqliteLogOptions } from "../../src/adapters/sqlite/open.ts";
import type { Log } from "../../src/log/log.ts";
import { KEEP_ALL } from "./fixture.ts";
import { ManualClock } from "./manual-clock.ts";
import { TempDir } from "../support/temp-dir.ts";

/** SQLite logs in a directory that goes when the tests are over. */
export class TempLogs {
  readonly #directory = new TempDir("tidegate-log");
  readonly warnings: string[] = [];
  readonly #open: Log[] = [];
  #count = 0;

  path(): string {
    return join(this.#directory.path, `${++this.#count}.db`);
  }

  async open(options: Partial<SqliteLogOptions> = {}): Promise<Log> {
    const log = await openSqliteLog({
      path: this.path(),
      durability: "process",
      clock: new ManualClock(),
      randomId: () => crypto.randomUUID(),
      retention: () => KEEP_ALL,
      maxBytes: 1 << 30,
      warn: (message) => void this.warnings.push(message),
      bootId: "boot-1",
      ...options,
    });
    this.#open.push(log);
    return log;
  }

  async remove(): Promise<void> {
    for (const log of this.#open) await log.close();
    this.#directory.remove();
  }
}
