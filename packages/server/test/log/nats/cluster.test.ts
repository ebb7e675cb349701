import { afterAll, describe, expect, test } from "bun:test";
import type { Stored } from "@tidegate/protocol";
import { openNatsLog } from "../../../src/adapters/nats/log.ts";
import { systemClock } from "../../../src/clock.ts";
import { LogUnavailable, type Log } from "../../../src/log/log.ts";
import { until } from "../../support/until.ts";
import { expectChain } from "../contract/order.contract.ts";
import { KEEP_ALL, message } from "../fixture.ts";
import { NATS } from "./fixture.ts";
import { NatsCluster } from "./nats-cluster.ts";

const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** The cluster chooses its leader first. */
async function open(cluster: NatsCluster, first: number): Promise<Log> {
  for (;;) {
    try {
      const log = await openNatsLog({
        servers: cluster.urls(first),
        stream: "replicated",
        durability: "process",
        clock: systemClock,
        randomId: () => crypto.randomUUID(),
        retention: () => KEEP_ALL,
        maxBytes: 1 << 26,
        replicas: 3,
        byInterest: true,
        timeout: 2000,
        warn: () => {},
      });
      ends.push(() => log.close());
      return log;
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      await Bun.sleep(100);
    }
  }
}

class Reader {
  readonly seen: Stored[] = [];
  readonly #filter: string;

  constructor(log: Log, filter: string) {
    this.#filter = filter;
    log.tail({ messages: (batch) => void this.seen.push(...batch) });
  }

  get topic(): readonly Stored[] {
    return this.seen.filter((each) => each.message.topic === "t/1");
  }

  static async open(cluster: NatsCluster, first: number, filter: string): Promise<Reader> {
    const log = await open(cluster, first);
    const reader = new Reader(log, filter);
    await log.interest?.(reader.#filter).ready;
    return reader;
  }
}

describe.skipIf(NATS === undefined)("a cluster of NATS servers", () => {
  test("L89 whichever server is killed, nothing that was acknowledged is lost, and every tail has it once and in order", async () => {
    const cluster = new NatsCluster(NATS ?? "");
    ends.push(() => cluster.remove());
    const writer = await open(cluster, 0);
    const readers = [await Reader.open(cluster, 1, "t/1"), await Reader.open(cluster, 2, "t/+")];
    const acknowledged: number[] = [];
    let running = true;
    const load = (async () => {
      for (let n = 0; running; n++) {
        const [first] = await writer.append([message("t/1", `${n}`), message("t/2", "x")]).catch(() => []);
        if (first === undefined) await Bun.sleep(10);
        else acknowledged.push(first.stored.offset);
      }
    })();
    const more = async (): Promise<void> => {
      const goal = acknowledged.length + 100;
      await until(() => acknowledged.length >= goal);
    };
    for (const server of [0, 1, 2]) {
      await more();
      await cluster.kill(server);
      await more();
      cluster.start(server);
      await until(() =>
        writer.probe().then(
          () => true,
          () => false,
        ),
      );
      await more();
    }
    running = false;
    await load;
    const last = acknowledged.at(-1) ?? 0;
    for (const reader of readers) {
      await until(() => (reader.topic.at(-1)?.offset ?? 0) >= last);
      expectChain(reader.topic, 0);
      const offsets = new Set(reader.topic.map(({ offset }) => offset));
      expect(acknowledged.filter((offset) => !offsets.has(offset))).toEqual([]);
    }
  }, 60_000);
});
