import { afterAll } from "bun:test";
import { RECENT } from "../../src/log/recent.ts";
import type { Log } from "../../src/log/log.ts";
import type { LogContractOptions, LogSubject } from "./contract/subject.ts";
import { logContract } from "./log.contract.ts";
import { TempLogs } from "./temp-logs.ts";

const temp = new TempLogs();
afterAll(() => temp.remove());

/** One reads what is new from memory, the other one everything from the file. */
const SUBJECTS = [
  { durability: "process", recent: RECENT },
  { durability: "power", recent: { messages: 0, bytes: 0 } },
] as const;

for (const { durability, recent } of SUBJECTS) {
  const paths = new Map<Log, string>();
  const open = async (options: LogContractOptions, path: string): Promise<Log> => {
    const log = await temp.open({ ...options, path, durability, recent });
    paths.set(log, path);
    return log;
  };
  const subject: LogSubject = {
    open: (options) => open(options, temp.path()),
    reopen: async (log, options) => {
      await log.close();
      return open(options, paths.get(log) ?? "");
    },
  };
  logContract(`sqlite, ${durability}`, subject);
}
