import { describe, expect, test } from "bun:test";
import { CLOSES, type CloseReason } from "@tidegate/protocol";
import { receive } from "../../src/session/receive.ts";
import { inspect, Sweeper } from "../../src/session/sweeper.ts";
import { Stage } from "./stage.ts";

const topic = "chat/a";

describe("closing", () => {
  test("S70 each reason closes with its code, and is counted once", async () => {
    for (const [reason, { code }] of Object.entries(CLOSES)) {
      const stage = new Stage();
      const client = await stage.connected();
      client.session.close(reason as CloseReason, "because");
      client.session.close("internal", "again");
      expect(client.wire.closed).toEqual({ code, reason: "because" });
      expect([...stage.services.counters.closes]).toEqual([[reason, 1]]);
    }
  });

  test("S8 S71 while it closes nothing is taken or sent, and all is given up at once", async () => {
    const stage = new Stage();
    const [client, other] = [await stage.connected("ann"), await stage.connected()];
    client.do({ subscribe: { topic, presence: true } }, { subscribe: { topic: "chat/+", window: 3 } });
    await stage.settle();
    client.session.close("draining", "go");
    const { length } = client.wire.frames;
    client.do({ publish: { topic, data: 1 } }, { ping: {} });
    receive(client.session, "nonsense");
    other.do({ publish: { topic, data: 1 } });
    await stage.settle();
    expect(client.wire.frames.length).toBe(length);
    expect([stage.hub.groups, stage.net.groups.size, stage.services.sessions.connectionsOf("ann")]).toEqual([0, 0, 0]);
    expect(stage.log.head()).toBe(1);
    client.session.closed(false);
    client.session.closed(false);
    expect([stage.services.sessions.size, stage.services.counters.closed]).toEqual([1, 1]);
  });

  test("S71 a client that does not answer the close is cut after 5 seconds", async () => {
    const stage = new Stage();
    const client = await stage.connected();
    client.session.close("idle", "nothing was heard");
    inspect(client.session, stage.clock.now() + 5000);
    expect(client.wire.terminated).toBe(false);
    inspect(client.session, stage.clock.now() + 5001);
    expect(client.wire.terminated).toBe(true);
  });

  test("S72 the reason fits into a close frame, and no character is cut in two", async () => {
    for (const text of ["x".repeat(200), "ä".repeat(200), "😀".repeat(100), `x${"😀".repeat(100)}`]) {
      const client = await new Stage().connected();
      client.session.close("malformed", text);
      const reason = client.wire.closed?.reason ?? "";
      expect(text.startsWith(reason)).toBe(true);
      expect(reason.isWellFormed()).toBe(true);
      const bytes = new TextEncoder().encode(reason).length;
      expect(bytes).toBeLessThanOrEqual(123);
      expect(bytes).toBeGreaterThan(119);
    }
  });
});

describe("what is overdue", () => {
  test("S15 a connection without connect is closed, within about a second of its time", async () => {
    const stage = new Stage();
    const sweeper = new Sweeper(stage.services.sessions, stage.clock);
    const clients = Array.from({ length: 100 }, () => stage.client());
    clients[7]?.do({ connect: {} });
    await stage.advance(10_000);
    expect(clients.some(({ wire }) => wire.closed !== undefined)).toBe(false);
    await stage.advance(1_100);
    expect(clients.filter(({ wire }) => wire.closed?.code === CLOSES.connect_timeout.code).length).toBe(99);
    expect(clients[7]?.wire.closed).toBeUndefined();
    sweeper.stop();
    expect(stage.clock.timers).toBe(0);
  });

  test("S23 a token whose time is over closes after the grace", async () => {
    const stage = new Stage();
    const client = await stage.connected("ann");
    const { open } = client.session;
    if (open === undefined) throw new Error("it is not open");
    const end = stage.clock.now() + 60_000;
    open.identity = { ...open.identity, expires: end };
    inspect(client.session, end + 1000);
    expect(client.wire.closed).toBeUndefined();
    inspect(client.session, end + 1001);
    expect(client.wire.closed?.code).toBe(CLOSES.token_expired.code);
  });

  test("S73 every session is looked at within about a second, while others come and go", async () => {
    const stage = new Stage();
    const sweeper = new Sweeper(stage.services.sessions, stage.clock);
    const clients = await Promise.all(Array.from({ length: 200 }, () => stage.connected()));
    const slow = clients.filter((_, n) => n % 10 === 0);
    for (const { wire } of slow) wire.buffered = 200_000;
    for (let n = 0; n < 20; n++) {
      clients[n * 10 + 1]?.lose();
      stage.client();
      await stage.advance(60);
    }
    await stage.advance(1000);
    expect(slow.every(({ wire }) => wire.closed?.code === CLOSES.slow_consumer.code)).toBe(true);
    sweeper.stop();
  });

  test("S73 the table keeps its places while sessions go in any order", async () => {
    const stage = new Stage();
    const { sessions } = stage.services;
    const clients = Array.from({ length: 50 }, () => stage.client());
    for (let n = 0; n < 50; n += 3) clients[n]?.lose();
    expect(sessions.size).toBe(33);
    for (let n = 0; n < sessions.size; n++) expect(sessions.at(n)?.index).toBe(n);
    expect(new Set(sessions).size).toBe(33);
  });
});
