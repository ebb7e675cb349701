import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { findNatsServer, NatsServer } from "../../../../scripts/servers/nats.ts";
import { openNatsSessions, type NatsSessionsOptions } from "../../src/adapters/nats/sessions/open.ts";
import { systemClock } from "../../src/clock.ts";
import { type SessionChange, type SessionStore, SessionsUnavailable } from "../../src/durable/session-store.ts";
import { errorName } from "../log/fixture.ts";
import { flightOut, loaded } from "./fixture.ts";
import { sessionStoreContract } from "./session-store.contract.ts";
import { until } from "../support/until.ts";

const NATS = findNatsServer();
if (NATS === undefined) console.warn("skipped: sessions on NATS. Set NATS_SERVER, or put nats-server into PATH.");

const CREATE: SessionChange = { kind: "create", user: undefined };
const note = (text: string): SessionChange => ({ kind: "note", text });

let server: NatsServer;
let count = 0;
const opened = new Set<SessionStore>();
const streams = new Map<SessionStore, NatsSessionsOptions>();

/** Bytes that the server was sent by all of its clients. */
async function bytesIn(): Promise<number> {
  const answer = await fetch(`${server.monitor}/varz`);
  return ((await answer.json()) as { readonly in_bytes: number }).in_bytes;
}

async function open(options: Partial<NatsSessionsOptions> = {}): Promise<SessionStore> {
  const all: NatsSessionsOptions = {
    servers: [server.url],
    stream: `sessions-${++count}`,
    durability: "process",
    clock: systemClock,
    randomId: () => crypto.randomUUID(),
    maxBytes: 1 << 26,
    warn: () => {},
    ...options,
  };
  const store = await openNatsSessions(all);
  opened.add(store);
  streams.set(store, all);
  return store;
}

describe.skipIf(NATS === undefined)("NATS", () => {
  beforeAll(async () => {
    if (NATS !== undefined) server = await NatsServer.start(NATS);
  });
  afterAll(async () => {
    await Promise.all([...opened].map((store) => store.close()));
    await server?.remove();
  });

  sessionStoreContract("nats sessions", {
    open: () => open(),
    openSmall: () => open({ maxBytes: 1 << 20 }),
    reopen: async (store) => {
      await store.close();
      return open(streams.get(store));
    },
  });

  /** Two gateways' stores on one stream. */
  async function two(): Promise<readonly [SessionStore, SessionStore]> {
    const first = await open();
    return [first, await open(streams.get(first))];
  }

  test("DS60 what one gateway stored another one loads, and takes over: the first is refused from then on", async () => {
    const [a, b] = await two();
    const first = await a.claim("s", () => [CREATE, { kind: "owner", owner: "a" }]);
    await first.claim?.write([{ kind: "flight", flight: flightOut(1) }]);
    const second = await b.claim("s", () => [{ kind: "owner", owner: "b" }]);
    expect(second.stored).toMatchObject({ owner: "a", flights: [flightOut(1)] });
    // It writes what goes into a delta, which has a subject of its own.
    const late = first.claim?.write([{ kind: "flight", flight: flightOut(2) }]);
    expect(await errorName(late ?? Promise.resolve())).toBe("SessionTaken");
    await second.claim?.write([{ kind: "landed", direction: "out", packet: 1 }]);
    expect(await a.load("s")).toMatchObject({ owner: "b", flights: [] });
    expect(await a.strays(["a"], 10)).toEqual([{ id: "s", owner: "b" }]);
  });

  test("DS60 of gateways that claim one session at once, again and again, one is left each time", async () => {
    const stores = await two();
    for (let round = 0; round < 20; round++) {
      const claims = await Promise.all([...stores, ...stores].map((store) => store.claim("s", () => [CREATE])));
      const writes = claims.map(({ claim }, n) => errorName(claim?.write([note(`${n}`)]) ?? Promise.resolve()));
      const refused = (await Promise.all(writes)).filter((name) => name === "SessionTaken");
      expect(refused).toHaveLength(3);
      const numbers = claims.map(({ claim }) => claim?.number ?? 0);
      const newest = numbers.indexOf(Math.max(...numbers));
      expect((await stores[0].load("s"))?.note).toBe(`${newest}`);
    }
  });

  test("DS61 what has changed in flights and positions is written without the rest, and joined when it is loaded", async () => {
    const [a, b] = await two();
    const subscriptions = Array.from({ length: 50 }, (_, n): SessionChange => ({
      kind: "subscribe",
      filter: `f${n}`,
      options: "x".repeat(1000),
    }));
    const { claim } = await a.claim("s", () => [CREATE, ...subscriptions]);
    const before = await bytesIn();
    for (let n = 1; n <= 20; n++)
      await claim?.write([
        { kind: "flight", flight: flightOut(n) },
        { kind: "landed", direction: "out", packet: n - 1 },
        { kind: "position", filter: "f7", epoch: "e", offset: n },
      ]);
    expect((await bytesIn()) - before).toBeLessThan(20 * 1500);
    const stored = await loaded(b, "s");
    expect(stored?.flights).toEqual([flightOut(20)]);
    expect(stored?.subscriptions[7]?.positions).toEqual([{ epoch: "e", offset: 20 }]);
    expect(stored?.subscriptions).toHaveLength(50);
  });

  test("DS62 while NATS is away calls are refused; a claim's write waits for it, and is stored once", async () => {
    const store = await open({ timeout: 500 });
    const { claim } = await store.claim("s", () => [CREATE]);
    await server.kill();
    const write = claim?.write([{ kind: "flight", flight: flightOut(1) }]);
    await until(async () => (await errorName(store.probe())) === "SessionsUnavailable");
    const calls = [store.load("s"), store.claim("t", () => [CREATE]), store.count(), store.expired(1, 1)];
    expect(await Promise.all(calls.map(errorName))).toEqual(calls.map(() => "SessionsUnavailable"));
    await server.start();
    await write;
    await claim?.write([note("after")]);
    expect(await store.load("s")).toMatchObject({ note: "after", flights: [flightOut(1)] });
  });

  test("DS62 a claim's write that waits for too long is refused, and the claim goes on when NATS is back", async () => {
    const store = await open({ timeout: 300, patience: 0 });
    const { claim } = await store.claim("s", () => [CREATE, note("before")]);
    await server.kill();
    await until(async () => (await errorName(store.probe())) === "SessionsUnavailable");
    expect(await errorName(claim?.write([note("lost")]) ?? Promise.resolve())).toBe("SessionsUnavailable");
    await server.start();
    await until(async () => (await errorName(store.probe())) !== "SessionsUnavailable");
    await claim?.write([{ kind: "flight", flight: flightOut(1) }]);
    expect(await store.load("s")).toMatchObject({ note: "before", flights: [flightOut(1)] });
  });

  test("DS64 a session that is larger than a message of NATS may be is refused, and stays as it was", async () => {
    const [a, b] = await two();
    const { claim } = await a.claim("s", () => [CREATE, note("small")]);
    for (const large of ["x".repeat(1 << 20), "ä".repeat(1 << 19)]) {
      const refused = await claim!.write([note(large)]).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(SessionsUnavailable);
      expect((refused as Error).message).toMatch(/has 1\d{6} bytes; NATS takes 10\d{5}/);
      expect(await errorName(b.write("t", [CREATE, note(large)]))).toBe("SessionsUnavailable");
    }
    expect(await b.load("s")).toMatchObject({ note: "small" });
    expect(await b.load("t")).toBeUndefined();
    await claim!.write([note("other")]);
    expect(await b.load("s")).toMatchObject({ note: "other" });
  });

  test("DS63 a stream that was lost is made anew: its sessions are gone, and who had one is told", async () => {
    const [a, b] = await two();
    const { claim } = await a.claim("s", () => [CREATE]);
    await b.claim("t", () => [CREATE]);
    await server.stop();
    server.loseStore();
    await server.start();
    await until(async () => (await errorName(b.probe())) === "no error");
    expect([await a.load("s"), await b.load("t"), await b.count()]).toEqual([undefined, undefined, 0]);
    expect(await errorName(claim?.write([note("late")]) ?? Promise.resolve())).toBe("SessionTaken");
    await b.write("s", [CREATE]);
    expect(await a.load("s")).toBeDefined();
  }, 20_000);
});
