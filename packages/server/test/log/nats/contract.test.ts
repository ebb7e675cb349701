import { afterAll, beforeAll, describe } from "bun:test";
import type { Log } from "../../../src/log/log.ts";
import { logContract } from "../log.contract.ts";
import type { LogContractOptions, LogSubject } from "../contract/subject.ts";
import { NATS, NatsBench } from "./fixture.ts";

const bench = new NatsBench();
beforeAll(bench.start);
afterAll(bench.remove);

const streams = new Map<Log, string>();

async function open(options: LogContractOptions, stream: string): Promise<Log> {
  const log = await bench.open({ ...options, stream });
  streams.set(log, stream);
  return log;
}

const subject: LogSubject = {
  open: (options) => open(options, bench.stream()),
  reopen: async (log, options) => {
    await log.close();
    return open(options, streams.get(log) ?? "");
  },
};

describe.skipIf(NATS === undefined)("NATS", () => logContract("nats", subject));
