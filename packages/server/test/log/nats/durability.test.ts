import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { checkDurability } from "../../../src/adapters/nats/durability.ts";
import type { NatsLogOptions } from "../../../src/adapters/nats/options.ts";
import type { StreamConfig } from "@nats-io/jetstream";
import { message, texts } from "../fixture.ts";
import { NATS, NatsBench } from "./fixture.ts";

/** The error's sentence. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: unknown) => (error as Error).message,
  );
}

describe.skipIf(NATS === undefined)("NATS durability", () => {
  const bench = new NatsBench();
  const always = new NatsBench({ jetstream: "sync_interval: always" });
  beforeAll(async () => {
    await bench.start();
    await always.start();
  });
  afterAll(async () => {
    await bench.remove();
    await always.remove();
  });

  test("L76 a stream in memory cannot promise process, and a server that syncs later cannot promise power", async () => {
    const stream = bench.stream();
    const memory = await bench.open({ stream, durability: "memory" });
    await memory.append([message("a", "1")]);
    await memory.close();
    expect(await refusal(bench.open({ stream, durability: "process" }))).toContain("held in memory");
    const { monitor } = bench.server;
    expect(await refusal(bench.open({ durability: "power", monitors: [monitor] }))).toContain("sync_interval: always");
    expect(await refusal(bench.open({ durability: "power" }))).toContain("monitoring ports");
    expect(await refusal(bench.open({ durability: "power", monitors: ["http://127.0.0.1:1"] }))).toContain(
      "be read at",
    );
  });

  test("L76 power is promised where every server syncs before it acknowledges", async () => {
    const log = await always.open({ durability: "power", monitors: [always.server.monitor] });
    expect(log.durability).toBe("power");
    await log.append([message("a", "1")]);
    expect(texts(await log.read({ filter: "a", after: 0, limit: 1 }))).toEqual(["1"]);
  });

  test("L76 a server that takes smaller messages than will come is refused", async () => {
    expect(await refusal(bench.open({ maxPayload: 4 * 1024 * 1024 }))).toContain("max_payload");
  });

  test("L76 where no NATS is, the error names the server and no secret", async () => {
    const why = await refusal(bench.open({ servers: ["nats://me:hidden@127.0.0.1:1"] }));
    expect(why).toContain("no NATS at nats://127.0.0.1:1");
    expect(why).not.toContain("hidden");
  });

  test("L88 its bytes and a longer window of ids are what the options say now; NATS without room for it is told in a sentence", async () => {
    const stream = bench.stream();
    const open = async (options: Partial<NatsLogOptions>): Promise<Partial<StreamConfig>> => {
      await (await bench.open({ stream, ...options })).close();
      return bench.manage(async (streams) => (await streams.info(stream)).config);
    };
    const SECOND = 1e9;
    expect(await open({ maxBytes: 1e6, idWindow: 1000 })).toMatchObject({
      max_bytes: 1.25e6,
      duplicate_window: SECOND,
    });
    expect(await open({ maxBytes: 2e6, idWindow: 5000 })).toMatchObject({
      max_bytes: 2.5e6,
      duplicate_window: 5 * SECOND,
    });
    expect(await open({ maxBytes: 1e6, idWindow: 2000 })).toMatchObject({
      max_bytes: 1.25e6,
      duplicate_window: 5 * SECOND,
    });
    for (const wish of [{ stream }, {}])
      expect(await refusal(bench.open({ ...wish, maxBytes: 1e15 }))).toContain("Lower log.maxBytes");
  });

  test("L76 a stream of another program is left alone", async () => {
    const stream = bench.stream();
    await bench.manage((streams) => streams.add({ name: stream, subjects: ["orders.>"] }));
    expect(await refusal(bench.open({ stream }))).toContain("was not made by Tidegate");
  });

  test("L76 a stream that is acknowledged before it is written promises nothing", async () => {
    const config = { storage: "file", persist_mode: "async" } as unknown as StreamConfig;
    const options = { stream: "s", durability: "process" } as NatsLogOptions;
    expect(await refusal(checkDurability(config, options, () => Promise.resolve({})))).toContain("persist_mode");
  });
});
