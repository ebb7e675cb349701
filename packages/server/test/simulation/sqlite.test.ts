import { drainMicrotasks } from "bun:jsc";
import { afterAll, test } from "bun:test";
import type { Log } from "../../src/log/log.ts";
import { TempLogs } from "../log/temp-logs.ts";
import { configOf } from "./config.ts";
import { report } from "./report.ts";
import { run } from "./run.ts";
import type { OpenLog } from "./world.ts";

/** A tenth of a second each: every commit is a transaction. */
const SEEDS = 50;
const logs = new TempLogs();
afterAll(() => logs.remove());

/** Opening takes promises only, no time. */
const openSqlite: OpenLog = (clock, retention) => {
  let opened: Log | undefined;
  void logs.open({ clock, retention, randomId: () => "durable" }).then((log) => (opened = log));
  drainMicrotasks();
  if (opened === undefined) throw new Error("the log did not open at once");
  return opened;
};

test("G1 G2 G3 G4 G5 G6 G7 G8 G9 G10 G11 G12 hold with the SQLite log", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const failure = run(configOf(seed), {}, openSqlite);
    if (failure !== undefined) throw new Error(report(failure));
  }
}, 120_000);
