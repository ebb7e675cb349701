import { beforeEach, describe, expect, test } from "bun:test";
import { SessionsUnavailable } from "../../src/durable/session-store.ts";
import { SessionBound } from "../../src/transport/mqtt/session-bound.ts";
import { FakeClock } from "../support/fake-clock.ts";
import type { MqttTestClient } from "./support/client.ts";
import { until } from "../support/until.ts";
import { DataDir, durable, type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";

describe("the count of sessions", () => {
  let clock: FakeClock;
  /** What the store has; undefined while it is away. */
  let stored: number | undefined;
  let asked: number;

  beforeEach(() => {
    [clock, stored, asked] = [new FakeClock(), 0, 0];
  });

  function boundOf(most: number): SessionBound {
    const count = (): Promise<number> => {
      asked += 1;
      return stored === undefined ? Promise.reject(new SessionsUnavailable("away")) : Promise.resolve(stored);
    };
    return new SessionBound({ most, count, clock });
  }

  /** Makes a session, as far as the bound lets it. */
  function make(bound: SessionBound, key: string): boolean {
    const isLet = bound.take(key);
    bound.settle(key, isLet);
    return isLet;
  }

  test("M164 there is room for as many as the store has not, and for none before it has said so", async () => {
    stored = 8;
    const bound = boundOf(10);
    expect(bound.take("a")).toBe(false);
    await bound.look();
    expect(["a", "b", "c"].map((key) => make(bound, key))).toEqual([true, true, false]);
    expect(asked).toBe(1);
  });

  test("M164 those that are being made count, each once, and those that came to nothing do not", async () => {
    const bound = boundOf(2);
    await bound.look();
    expect(["a", "a", "b", "a", "c"].map((key) => bound.take(key))).toEqual([true, true, true, true, false]);
    bound.settle("a", false);
    bound.settle("b", true);
    bound.settle("b", true);
    expect(["c", "d"].map((key) => bound.take(key))).toEqual([true, false]);
  });

  test("M164 what was made before the store is asked is not counted twice", async () => {
    const bound = boundOf(3);
    await bound.look();
    make(bound, "a");
    stored = 1;
    await bound.look();
    expect(["b", "c", "d"].map((key) => make(bound, key))).toEqual([true, true, false]);
  });

  test("M164 without a bound nobody counts", () => {
    const bound = boundOf(0);
    for (let i = 0; i < 100; i++) expect(make(bound, `${i}`)).toBe(true);
    expect(asked).toBe(0);
  });

  test("M165 what other gateways have made is known with the next new session after 10 s", async () => {
    const bound = boundOf(10);
    await bound.look();
    stored = 10;
    clock.advance(9999);
    expect(make(bound, "a")).toBe(true);
    clock.advance(1);
    expect(make(bound, "b")).toBe(true);
    await bound.look();
    expect(asked).toBe(2);
    expect(make(bound, "c")).toBe(false);
  });

  test("M165 while the store is away what was known last is what counts", async () => {
    const bound = boundOf(3);
    await bound.look();
    stored = undefined;
    clock.advance(10_000);
    expect(["a", "b", "c", "d"].map((key) => make(bound, key))).toEqual([true, true, true, false]);
    expect(bound.look()).rejects.toThrow("away");
  });
});

describe("sessions that are kept", () => {
  async function refused(node: MqttNode, id: string, version: (typeof VERSIONS)[number]): Promise<void> {
    const client = await node.open(version);
    const { code, properties } = await client.connect(durable(id, version));
    expect(code).toBe(version === 5 ? 0x97 : 3);
    if (version === 5) expect(properties?.reasonString).toContain("no more than 2 sessions");
    while (!client.hasEnded) await client.change();
  }

  /** Its session is forgotten. */
  async function end(client: MqttTestClient): Promise<void> {
    client.disconnect(0, { sessionExpiryInterval: 0 });
    await client.end();
  }

  for (const version of VERSIONS)
    for (const storage of ["memory", "sqlite"])
      test(`M164 version ${version}, ${storage}: one more than the bound is refused; who has one comes back, and who wants none is let in`, async () => {
        await using dir = await DataDir.make();
        const node = await dir.start({ LOG_STORAGE: storage, MQTT_MAX_SESSIONS: "2" });
        const first = await node.join(durable("first", version), version);
        const second = await node.join(durable("second", 5));
        await refused(node, "third", version);
        await node.join({ clientId: "third", cleanStart: true }, version);
        first.cut();
        const back = await node.open(version);
        expect(await back.connect(durable("first", version))).toMatchObject({ code: 0, sessionPresent: true });
        const anew = await node.open(version);
        const wishes = durable("first", version, true);
        expect(await anew.connect(wishes)).toMatchObject({ code: 0, sessionPresent: false });
        await end(second);
        await until(() => node.context.roster.isFree("\nsecond"));
        await node.join(durable("third", version), version);
      });

  test("M164 many that come at once get as many sessions as there may be", async () => {
    const node = await startMqtt({ env: { MQTT_MAX_SESSIONS: "5" } });
    const clients = await Promise.all(Array.from({ length: 20 }, () => node.open()));
    const answers = await Promise.all(clients.map((client, i) => client.connect(durable(`${i}`, 5))));
    expect(answers.filter(({ code }) => code === 0)).toHaveLength(5);
    expect(answers.filter(({ code }) => code === 0x97)).toHaveLength(15);
    expect(await node.context.store.count()).toBe(5);
  });

  test("M164 sessions of before a restart count", async () => {
    await using dir = await DataDir.make();
    const before = await dir.start();
    for (const id of ["a", "b", "c"]) await before.join(durable(id, 5));
    const node = await dir.start({ MQTT_MAX_SESSIONS: "2" });
    await refused(node, "d", 5);
    for (const id of ["a", "b", "c"]) await node.join(durable(id, 5));
  });
});
