import { afterAll, beforeAll, describe } from "bun:test";
import type { Log } from "../../../src/log/log.ts";
import { logContract } from "../log.contract.ts";
import type { LogContractOptions, LogSubject } from "../contract/subject.ts";
import { NATS, NatsBench } from "./fixture.ts";

const bench = new NatsBench();
beforeAll(bench.start);
afterAll(bench.remove);

/** By interest, every topic is asked for: then a log must do what one with a whole tail does. */
function subjectOf(byInterest: boolean): LogSubject {
  const streams = new Map<Log, string>();
  const open = async (options: LogContractOptions, stream: string): Promise<Log> => {
    const log = await bench.open({ ...options, stream, byInterest });
    streams.set(log, stream);
    for (const filter of ["#", "$sys/#"]) await log.interest?.(filter).ready;
    return log;
  };
  return {
    open: (options) => open(options, bench.stream()),
    reopen: async (log, options) => {
      await log.close();
      return open(options, streams.get(log) ?? "");
    },
  };
}

describe.skipIf(NATS === undefined)("NATS", () => {
  logContract("nats", subjectOf(false));
  logContract("nats, by interest", subjectOf(true));
});
