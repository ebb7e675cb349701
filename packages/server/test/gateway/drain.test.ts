import { describe, expect, test } from "bun:test";
import { CLOSES } from "@tidegate/protocol";
import { Drain, type DrainSettings } from "../../src/gateway/drain.ts";
import type { Client } from "../session/client.ts";
import { Stage } from "../session/stage.ts";

const SETTINGS: DrainSettings = { deadline: 30_000, delay: 0, spread: 10_000, rate: 100 };

async function draining(clients: number, settings: Partial<DrainSettings> = {}) {
  const stage = new Stage();
  const all = await Promise.all(Array.from({ length: clients }, () => stage.connected()));
  const { appender } = stage.stream;
  const state = { ended: false, pending: 0, stopping: 0, draining: 0, others: true };
  const drain = new Drain({
    services: stage.services,
    settings: { ...SETTINGS, ...settings },
    hasOthers: () => state.others,
    stopping: () => void (state.stopping += 1),
    draining: () => void (state.draining += 1),
    quiesce: () => (appender.stop(), appender.settled()),
    pendingRequests: () => state.pending,
  });
  const start = stage.clock.now();
  const run = (): void => void drain.run().then(() => (state.ended = true));
  /** Moves the clock in small steps, because promises run between them. */
  const until = async (ms: number, each = (): void => {}): Promise<void> => {
    while (stage.clock.now() - start < ms) {
      await stage.advance(10);
      each();
    }
  };
  return { stage, all, drain, run, until, state };
}

const asked = ({ length }: { readonly length: number }): boolean => length > 0;
const isClosed = (client: Client): boolean => client.wire.closed !== undefined;

describe("who is asked to go", () => {
  test("R46 the others are told when it begins, once, and by then it is draining", async () => {
    const { drain, run, state, until } = await draining(1);
    run();
    expect([drain.isStopping, state.stopping]).toEqual([true, 1]);
    run();
    await until(100);
    expect([state.stopping, state.draining]).toEqual([1, 1]);
  });

  test("R40 R47 for the delay it only says that it stops; nobody is refused or asked to go before it is over", async () => {
    const { all, drain, run, state, until } = await draining(1, { delay: 3_000 });
    run();
    await until(2_900);
    expect([drain.isStopping, drain.isDraining, state.draining]).toEqual([true, false, 0]);
    expect(all.some((client) => asked(client.pushes("reconnect")))).toBe(false);
    await until(3_200);
    expect([drain.isDraining, state.draining]).toEqual([true, 1]);
    expect(all.every((client) => asked(client.pushes("reconnect")))).toBe(true);
    const last = await draining(1, { delay: 3_000 });
    last.run();
    await last.until(1_000);
    expect(last.drain.isDraining).toBe(false);
    last.state.others = false;
    await last.until(1_100);
    expect(last.drain.isDraining).toBe(true);
    const short = await draining(1, { delay: 60_000, deadline: 8_000 });
    short.run();
    await short.until(1_700);
    expect(short.drain.isDraining).toBe(true);
  });

  test("R40 R41 all are, at once; who goes has its time, and when all are gone it ends", async () => {
    const { stage, all, drain, run, until, state } = await draining(5);
    const unknown = stage.client();
    run();
    expect(drain.isDraining).toBe(true);
    await until(100);
    expect(all.map((client) => client.pushes("reconnect"))).toEqual(
      all.map(() => [{ kind: "reconnect", delay: 0, spread: 10_000 }]),
    );
    expect(unknown.all).toEqual([]);
    unknown.lose();
    await until(5_000);
    for (const client of all) client.lose();
    await until(5_200);
    expect(state.ended).toBe(true);
  });

  test("R41 many are asked at the rate, and within a quarter of the time in any case", async () => {
    const slow = await draining(30, { rate: 10 });
    slow.run();
    await slow.until(1_000);
    const after1s = slow.all.filter((client) => asked(client.pushes("reconnect"))).length;
    expect(after1s).toBeGreaterThanOrEqual(10);
    expect(after1s).toBeLessThanOrEqual(12);
    const short = await draining(100, { rate: 1, deadline: 8_000, spread: 20_000 });
    short.run();
    await short.until(1_600);
    expect(short.all.every((client) => asked(client.pushes("reconnect")))).toBe(true);
    expect(short.all[0]?.pushes("reconnect")[0]?.spread).toBe(3_000);
  });
});

describe("who has no word for it", () => {
  /** As an MQTT client: no push of the gateway has a packet. */
  const deafen = ({ session }: Client): void => {
    Object.defineProperty(session, "encoder", { value: { ...session.encoder, push: () => "" } });
  };

  test("R48 is closed at its place in the spread, one after the other, while the rest work on", async () => {
    const { all, run, until, state } = await draining(20);
    for (const client of all) deafen(client);
    run();
    const closed: number[] = [];
    await until(10_300, () => closed.push(all.filter(isClosed).length));
    expect(closed[30]).toBe(1);
    // A twentieth every half second.
    for (const second of [2, 4, 6, 8]) expect(Math.abs((closed[second * 100] ?? 0) - second * 2)).toBeLessThan(2);
    expect(closed.at(-1)).toBe(20);
    expect(all.every(({ wire }) => wire.closed?.code === CLOSES.draining.code)).toBe(true);
    for (const client of all) client.session.closed(false);
    await until(10_600);
    expect(state.ended).toBe(true);
  });

  test("R48 R42 where the spread is too short for the rate, the rest are closed at the rate after it", async () => {
    const { all, run, until } = await draining(300, { rate: 100, spread: 1_000 });
    for (const client of all) deafen(client);
    run();
    const closed: number[] = [];
    await until(6_900, () => closed.push(all.filter(isClosed).length));
    const steps = closed.map((count, n) => count - (closed[n - 100] ?? 0)).slice(100);
    expect(Math.max(...steps)).toBeLessThanOrEqual(111);
    expect(closed.at(-1)).toBe(300);
  });
});

describe("who stays", () => {
  test("R42 is closed with 4500 after the spread, so many a second", async () => {
    const { all, run, until, state } = await draining(300, { rate: 100, spread: 1_000 });
    run();
    // 3 s to ask 300 at 100 a second, then 1 s of spread.
    await until(3_900);
    expect(all.some(isClosed)).toBe(false);
    const closed: number[] = [];
    await until(7_200, () => closed.push(all.filter(isClosed).length));
    expect(closed.at(-1)).toBe(300);
    const steps = closed.map((count, n) => count - (closed[n - 100] ?? 0)).slice(100);
    expect(Math.max(...steps)).toBeLessThanOrEqual(110);
    expect(all.every(({ wire }) => wire.closed?.code === CLOSES.draining.code)).toBe(true);
    for (const client of all) client.session.closed(false);
    await until(7_400);
    expect(state.ended).toBe(true);
  });

  test("R42 a rate of less than one a step holds, too", async () => {
    const { all, run, until } = await draining(5, { rate: 1, spread: 0, deadline: 60_000 });
    run();
    await until(4_900);
    expect(all.filter(isClosed).length).toBe(1);
    await until(6_900);
    expect(all.filter(isClosed).length).toBe(3);
  });

  test("R43 all are closed in time for the deadline, and who does not answer holds nothing up", async () => {
    const { all, run, until, state } = await draining(100, { rate: 1, deadline: 8_000 });
    run();
    await until(6_100);
    expect(all.every(isClosed)).toBe(true);
    await until(6_200);
    expect(state.ended).toBe(true);
  });

  test("R43 without a deadline all are closed at once", async () => {
    const { stage, all, run, state } = await draining(50, { deadline: 0 });
    run();
    await stage.settle();
    await stage.advance(1);
    expect(all.every(isClosed)).toBe(true);
    expect(state.ended).toBe(true);
  });
});

describe("publishes", () => {
  test("R44 are taken during the spread, refused after it, and those under way answered before the closes", async () => {
    const { stage, all, run, until } = await draining(1, { spread: 1_000 });
    const [client] = all;
    if (client === undefined) throw new Error("there is no client");
    const publish = { publish: { topic: "chat/a", data: 1 } };
    run();
    await until(500);
    client.do(publish);
    await until(600);
    expect(client.take()).toEqual(["reconnect", "2 publish"]);
    const open = stage.log.holdAppends();
    client.do(publish);
    await until(5_000);
    client.do(publish);
    expect(client.take()).toEqual(["4 error draining"]);
    expect(isClosed(client)).toBe(false);
    open();
    await until(5_200);
    expect(client.take()).toEqual(["3 publish"]);
    expect(isClosed(client)).toBe(true);
    expect(stage.log.head()).toBe(2);
  });

  test("R44 also where no session is: a request that has no answer yet is waited for", async () => {
    const { run, until, state } = await draining(0);
    state.pending = 1;
    run();
    await until(500);
    expect(state.ended).toBe(false);
    state.pending = 0;
    await until(600);
    expect(state.ended).toBe(true);
  });

  test("R43 a log that never answers holds up the end only until the deadline", async () => {
    const { stage, all, run, until, state } = await draining(1, { spread: 0, deadline: 8_000 });
    stage.log.holdAppends();
    all[0]?.do({ publish: { topic: "chat/a", data: 1 } });
    await stage.settle();
    run();
    await until(5_900);
    expect(all.some(isClosed)).toBe(false);
    await until(6_300);
    expect([all.every(isClosed), state.ended]).toEqual([true, true]);
  });
});
