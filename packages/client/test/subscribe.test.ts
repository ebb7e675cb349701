import { describe, expect, test } from "bun:test";
import { type Message, type SubscriptionState, TidegateError } from "../src/index.ts";
import { settle } from "./support/clock.ts";
import type { FakeSocket } from "./support/socket.ts";
import { history, live } from "./support/live.ts";
import { chain, msg, record, World } from "./support/world.ts";

describe("subscribing", () => {
  test("C30 a subscription sends what was asked, is ready with the reply, and gives messages with all their fields", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const states: SubscriptionState["kind"][] = [];
    const messages: Message<{ a: number }>[] = [];
    const subscription = client.subscribe<{ a: number }>("t", { retained: true, presence: { name: "Ann" } }, (m) =>
      messages.push(m),
    );
    subscription.on("state", (state) => states.push(state.kind));
    await settle();
    expect(socket.open("subscribe").body).toEqual({ topic: "t", retained: true, presence: { name: "Ann" } });
    await socket.reply("subscribe", { epoch: "e", offset: 9 });
    await subscription.ready;
    expect(subscription.position).toEqual({ epoch: "e", offset: 9 });
    await socket.push(
      msg("t", 4, 2, { data: { a: 1 }, retain: true }),
      msg("t", 10, 4, { id: "m", from: "bob", time: 5, data: { a: 2 }, priority: "high", headers: { h: "1" } }),
    );
    const common = { topic: "t", format: "json", redelivered: false } as const;
    expect(messages).toEqual([
      {
        ...common,
        offset: 4,
        previous: 2,
        data: { a: 1 },
        id: undefined,
        from: undefined,
        time: 1,
        priority: "normal",
        headers: {},
        retain: true,
      },
      {
        ...common,
        offset: 10,
        previous: 4,
        data: { a: 2 },
        id: "m",
        from: "bob",
        time: 5,
        priority: "high",
        headers: { h: "1" },
        retain: false,
      },
    ]);
    expect(states).toEqual(["live"]);
    expect(subscription.position).toEqual({ epoch: "e", offset: 10 });
  });

  test("C31 on reconnect all subscriptions are sent again with their positions, in one frame", async () => {
    const { world, client, socket } = await live("a", {});
    client.subscribe("b", { since: { epoch: "e", offset: 3 } });
    await settle();
    await socket.reply("subscribe", { epoch: "e", offset: 10, recovered: true });
    await socket.push(msg("a", 12, 9), msg("b", 4, 3), msg("b", 11, 4));
    const next = await world.reconnect();
    expect(next.frames.length).toBe(2);
    expect(next.all("subscribe").map((each) => each.body)).toEqual([
      { topic: "a", since: { epoch: "e", offset: 12 } },
      { topic: "b", since: { epoch: "e", offset: 11 } },
    ]);
  });

  test("C32 recovered tells for each subscription whether all is there", async () => {
    const { world, socket, seen } = await live();
    await socket.push(msg("t", 11, 10));
    const next = await world.reconnect();
    await next.reply("subscribe", { epoch: "e", offset: 13, recovered: true });
    await next.push(msg("t", 12, 11), msg("t", 13, 12), msg("t", 14, 13));
    expect(seen).toEqual(["11", "recovered true", "12", "13", "14"]);
  });

  test("C32 what the server cannot replay comes from the history if it is there", async () => {
    const { world, socket, seen } = await live();
    await socket.push(msg("t", 11, 10));
    const next = await world.reconnect();
    await next.reply("subscribe", { epoch: "e", offset: 14, recovered: false });
    await next.push(msg("t", 15, 14));
    expect(next.open("history").body).toEqual({ topic: "t", after: { epoch: "e", offset: 11 }, limit: 200 });
    await history(next, chain("t", 11, 12, 13), { more: true });
    expect(next.open("history").body).toMatchObject({ after: { epoch: "e", offset: 13 } });
    await history(next, chain("t", 13, 14));
    expect(seen).toEqual(["11", "12", "13", "14", "recovered true", "15"]);
  });

  test("C32 C35 what is gone is told as a gap before the messages after it", async () => {
    const { world, socket, seen } = await live();
    await socket.push(msg("t", 11, 10));
    const next = await world.reconnect();
    await next.reply("subscribe", { epoch: "e", offset: 20, recovered: false });
    await history(next, chain("t", 17, 18, 20), { complete: false });
    await next.push(msg("t", 21, 20));
    expect(seen).toEqual(["11", "gap 11-17", "18", "20", "recovered false", "21"]);
  });

  test("C37 a new epoch is a gap; then all that the new log has", async () => {
    const { world, socket, subscription, seen } = await live();
    await socket.push(msg("t", 11, 10));
    const next = await world.reconnect();
    await next.reply("subscribe", { epoch: "f", offset: 3, recovered: false });
    expect(next.open("history").body).toMatchObject({ after: { epoch: "f", offset: 0 } });
    await next.reply("history", { epoch: "f", messages: chain("t", 0, 1, 3), more: false, complete: true });
    await next.push(msg("t", 4, 3));
    expect(seen).toEqual(["11", "gap 11-undefined", "1", "3", "recovered false", "4"]);
    expect(subscription.position).toEqual({ epoch: "f", offset: 4 });
  });

  test("C42 a temporary refusal is tried again with back-off, a final one ends the subscription", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const subscription = client.subscribe("t");
    await settle();
    await socket.refuse("subscribe", 2001, "overloaded");
    expect(subscription.state.kind).toBe("waiting");
    await world.clock.advance(100);
    await socket.refuse("subscribe", 2001, "overloaded");
    await world.clock.advance(200);
    await socket.refuse("subscribe", 1006, "forbidden");
    expect(subscription.state).toMatchObject({ kind: "ended", error: { reason: "forbidden", code: 1006 } });
    const error = await subscription.ready.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TidegateError);
    client.subscribe("t");
  });

  test("C20 a subscribe without a reply is settled by a new connection", async () => {
    const world = new World();
    const { client } = await world.connected({ timeouts: { command: 3000 } });
    client.subscribe("t");
    await world.clock.advance(3000);
    expect(client.state).toMatchObject({ kind: "waiting", message: "no reply to subscribe within 3000 ms" });
  });

  test("C43 a subscription that the server ends is begun again where it stood, or ends with the error", async () => {
    const { world, socket, seen, subscription } = await live();
    await socket.push(msg("t", 11, 10));
    const dropped = { code: 2003, reason: "draining", message: "later", temporary: true };
    await socket.push({ unsubscribed: { topic: "t", error: dropped } });
    await world.clock.advance(100);
    expect(socket.open("subscribe").body).toEqual({ topic: "t", since: { epoch: "e", offset: 11 } });
    await socket.reply("subscribe", { epoch: "e", offset: 11, recovered: true });
    await socket.push({
      unsubscribed: { topic: "t", error: { ...dropped, code: 1006, reason: "forbidden", temporary: false } },
    });
    expect(seen).toEqual(["11", "recovered true", "ended forbidden"]);
    expect(subscription.state.kind).toBe("ended");
  });

  test("C44 after unsubscribe nothing comes, also not for a new subscription of the same topic", async () => {
    const { client, socket, subscription, seen } = await live();
    subscription.unsubscribe();
    subscription.unsubscribe();
    const second = record(client.subscribe("t"));
    await settle();
    await socket.push(msg("t", 11, 10));
    await socket.reply("unsubscribe");
    await socket.reply("subscribe", { epoch: "e", offset: 11 });
    await socket.push(msg("t", 12, 11));
    expect(seen).toEqual(["ended undefined"]);
    expect(second).toEqual(["12"]);
    expect(socket.all("unsubscribe").length).toBe(1);
  });

  test("C44 an unsubscribe without a reply holds up nothing on the next connection", async () => {
    const { world, client, subscription } = await live();
    subscription.unsubscribe();
    const second = record(client.subscribe("t"));
    const next = await world.reconnect();
    await next.reply("subscribe", { epoch: "e", offset: 11 });
    await next.push(msg("t", 12, 11));
    expect(second).toEqual(["12"]);
    expect(next.all("unsubscribe")).toEqual([]);
  });

  test("C45 joins and leaves come with the members and the count", async () => {
    const { socket, subscription } = await live("t", { presence: true });
    const seen: unknown[] = [];
    subscription.on("join", (who) => seen.push(["join", who]));
    subscription.on("leave", (who) => seen.push(["leave", who]));
    await socket.push({ join: { topic: "t", members: [{ user: "ann", info: { n: 1 } }], count: 2 } });
    await socket.push({ leave: { topic: "t", members: [{ user: "ann" }], count: 1 } });
    expect(seen).toEqual([
      ["join", { members: [{ user: "ann", info: { n: 1 } }], count: 2 }],
      ["leave", { members: [{ user: "ann" }], count: 1 }],
    ]);
  });

  test("C46 the personal topic is subscribed by the server and resumed by connect", async () => {
    const world = new World();
    const { client, socket } = await world.connected({}, { personal: { topic: "user/ann", epoch: "e", offset: 5 } });
    const personal = client.personal;
    if (!personal) throw new Error("there is no personal subscription");
    const seen = record(personal);
    await socket.push(msg("user/ann", 6, 2));
    expect(personal.state.kind).toBe("live");
    await world.reconnect({ personal: { topic: "user/ann", epoch: "e", offset: 8, recovered: true } });
    expect(world.socket.all("connect")[0]?.body).toMatchObject({ since: { epoch: "e", offset: 6 } });
    expect(world.socket.all("subscribe")).toEqual([]);
    await world.socket.push(msg("user/ann", 8, 6));
    expect(seen).toEqual(["6", "recovered true", "8"]);
    expect(client.personal).toBe(personal);
  });

  test("C46 a subscription of the personal topic by name is the personal one", async () => {
    const world = new World();
    const client = world.client();
    const own = client.subscribe("user/ann");
    client.connect();
    await world.accept({ personal: { topic: "user/ann", epoch: "e", offset: 5 } });
    expect(client.personal).toBe(own);
    expect(world.socket.all("subscribe")).toEqual([]);
    own.unsubscribe();
    await world.reconnect({ personal: { topic: "user/ann", epoch: "e", offset: 5 } });
    expect(own.state.kind).toBe("ended");
  });

  test("C51 one subscription for a topic, and one way to begin it", async () => {
    const { client } = await live();
    expect(() => client.subscribe("t")).toThrow("topic: there is a subscription of t already");
    expect(() => client.subscribe("u", { history: 5, retained: true })).toThrow(
      "history and retained exclude each other",
    );
    expect(() => client.subscribe("u/#", { history: 5 })).toThrow("history: it is of single topics, not of filters");
    expect(() => client.subscribe("u", { history: 10_001 })).toThrow("history: from 1 to 10,000");
  });
});

describe("order and gaps", () => {
  test("C33 what was seen is dropped", async () => {
    const { socket, seen } = await live();
    await socket.push(msg("t", 10, 9), msg("t", 11, 10), msg("t", 11, 10), msg("t", 12, 11), msg("t", 11, 10));
    expect(seen).toEqual(["11", "12"]);
  });

  test("C34 a break in the chain is closed from the history, in order, while newer messages wait", async () => {
    const { socket, subscription, seen } = await live();
    await socket.push(msg("t", 11, 10), msg("t", 14, 13), msg("t", 15, 14));
    expect(subscription.state.kind).toBe("repairing");
    expect(subscription.position?.offset).toBe(11);
    expect(socket.open("history").body).toEqual({ topic: "t", after: { epoch: "e", offset: 11 }, limit: 200 });
    await history(socket, chain("t", 11, 12, 13, 14));
    await socket.push(msg("t", 16, 15));
    expect(seen).toEqual(["11", "12", "13", "14", "15", "16"]);
    expect(subscription.state.kind).toBe("live");
  });

  test("C34 several breaks are closed one after the other, and what waited behind them is not lost", async () => {
    const { socket, seen } = await live();
    await socket.push(msg("t", 12, 11), msg("t", 15, 14), msg("t", 16, 15));
    await history(socket, chain("t", 10, 11, 12));
    expect(socket.open("history").body).toMatchObject({ after: { offset: 12 } });
    await history(socket, chain("t", 12, 13, 14, 15));
    expect(seen).toEqual(["11", "12", "13", "14", "15", "16"]);
  });

  test("C34 a repair is tried again after a temporary error, and begun anew after a lost connection", async () => {
    const { world, socket, seen } = await live();
    await socket.push(msg("t", 12, 11));
    await socket.refuse("history", 2001, "overloaded");
    await world.clock.advance(100);
    expect(socket.all("history").length).toBe(2);
    const next = await world.reconnect();
    expect(next.open("subscribe").body).toMatchObject({ since: { epoch: "e", offset: 10 } });
    await next.reply("subscribe", { epoch: "e", offset: 12, recovered: true });
    await next.push(msg("t", 11, 10), msg("t", 12, 11));
    await world.clock.advance(30_000);
    expect(seen).toEqual(["recovered true", "11", "12"]);
  });

  test.each([
    ["the history is not allowed", async (socket: FakeSocket) => socket.refuse("history", 1006, "forbidden")],
    ["the history does not have it", async (socket: FakeSocket) => history(socket, chain("t", 13, 14))],
    ["the log is another one", async (socket: FakeSocket) => history(socket, chain("t", 0, 1), { epoch: "f" })],
  ])("C35 the app sees a gap if %s", async (_, answer) => {
    const { socket, seen } = await live();
    await socket.push(msg("t", 11, 10), msg("t", 14, 13), msg("t", 15, 14));
    await answer(socket);
    expect(seen.filter((each) => !each.startsWith("gap"))).toEqual(["11", "14", "15"]);
    expect(seen.filter((each) => each.startsWith("gap")).length).toBe(1);
  });

  test("C36 what the server says it left out is fetched", async () => {
    const { socket, seen } = await live();
    await socket.push(msg("t", 11, 10), { gap: { topic: "t", after: 11, to: 13 } }, msg("t", 14, 13));
    await history(socket, chain("t", 11, 12, 13));
    await socket.push({ gap: { topic: "t", after: 12, to: 13 } });
    expect(seen).toEqual(["11", "12", "13", "14"]);
    expect(socket.all("history").length).toBe(1);
  });

  test("C36 for a filter it comes by subscribing again from before it", async () => {
    const { socket, seen } = await live("t/#");
    await socket.push(msg("t/a", 11, 3, { filter: "t/#" }), { gap: { topic: "t/#", after: 11, to: 13 } });
    expect(socket.all("unsubscribe").length).toBe(1);
    expect(socket.open("subscribe").body).toEqual({ topic: "t/#", since: { epoch: "e", offset: 11 } });
    await socket.push(msg("t/a", 14, 12, { filter: "t/#" }));
    await socket.reply("unsubscribe");
    await socket.reply("subscribe", { epoch: "e", offset: 14, recovered: true });
    for (const [offset, previous] of [
      [12, 11],
      [13, 12],
      [14, 13],
    ] as const)
      await socket.push(msg("t/a", offset, previous, { filter: "t/#" }));
    expect(seen).toEqual(["11", "recovered true", "12", "13", "14"]);
  });

  test("C36 what waited behind a gap of a filter comes with the new subscription only", async () => {
    const { socket, seen } = await live("t/#");
    const filter = { filter: "t/#" };
    await socket.push(
      msg("t/a", 12, 11, filter),
      { gap: { topic: "t/#", after: 12, to: 16 } },
      msg("t/a", 17, 16, filter),
    );
    await history(socket, chain("t/a", 10, 11, 12));
    expect(seen).toEqual(["11", "12"]);
    expect(socket.all("history").length).toBe(1);
    expect(socket.open("subscribe").body).toMatchObject({ since: { offset: 12 } });
    await socket.reply("unsubscribe");
    await socket.reply("subscribe", { epoch: "e", offset: 17, recovered: true });
    await socket.push(msg("t/a", 16, 12, filter), msg("t/a", 17, 16, filter));
    expect(seen).toEqual(["11", "12", "recovered true", "16", "17"]);
  });

  test("C38 a filter's position is the greatest offset; the chain is of each topic", async () => {
    const { world, socket, subscription, seen } = await live("t/#");
    const push = (topic: string, offset: number, previous: number): Promise<void> =>
      socket.push(msg(topic, offset, previous, { filter: "t/#" }));
    await push("t/a", 12, 0);
    await push("t/b", 11, 7);
    await push("t/a", 13, 12);
    await push("t/b", 11, 7);
    expect(subscription.position?.offset).toBe(13);
    await push("t/b", 16, 14);
    expect(socket.open("history").body).toMatchObject({ topic: "t/b", after: { offset: 11 } });
    await history(socket, chain("t/b", 11, 14, 16));
    expect(seen).toEqual(["12", "11", "13", "14", "16"]);
    const next = await world.reconnect();
    await next.reply("subscribe", { epoch: "e", offset: 20, recovered: false });
    expect(seen.slice(5)).toEqual(["gap 16-20", "recovered false"]);
    await next.push(msg("t/a", 21, 19, { filter: "t/#" }));
    expect(seen.slice(7)).toEqual(["21"]);
  });

  test("C39 a filter over several namespaces has no position: a reconnect is a gap", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const subscription = client.subscribe("#");
    const seen = record(subscription);
    await settle();
    await socket.reply("subscribe", {});
    await socket.push(
      msg("a", 5, 4, { filter: "#" }),
      msg("b", 2, 1, { filter: "#" }),
      msg("a", 5, 4, { filter: "#" }),
      msg("a", 7, 6, { filter: "#" }),
    );
    expect(subscription.position).toBeUndefined();
    const next = await world.reconnect();
    expect(next.open("subscribe").body).toEqual({ topic: "#" });
    await next.reply("subscribe", {});
    expect(seen).toEqual(["5", "2", "gap 5-6", "7", "gap undefined-undefined"]);
  });

  test("C40 the newest messages come first, then live, with no gap and no repeat", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const seen = record(client.subscribe("t", { history: 3 }));
    await settle();
    await socket.reply("subscribe", { epoch: "e", offset: 10 });
    expect(socket.open("history").body).toEqual({ topic: "t", before: 11, limit: 3 });
    await socket.push(msg("t", 11, 10));
    await history(socket, chain("t", 7, 8, 10), { more: true });
    expect(socket.open("history").body).toEqual({ topic: "t", before: 8, limit: 1 });
    await history(socket, chain("t", 6, 7), { more: true });
    await socket.push(msg("t", 12, 11));
    expect(seen).toEqual(["7", "8", "10", "11", "12"]);
  });

  test("C40 a connection that is lost before the history came begins anew; a refusal is a gap", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const seen = record(client.subscribe("t", { history: 3 }));
    await settle();
    await socket.reply("subscribe", { epoch: "e", offset: 10 });
    const next = await world.reconnect();
    expect(next.open("subscribe").body).toEqual({ topic: "t" });
    await next.reply("subscribe", { epoch: "e", offset: 12 });
    await next.push(msg("t", 13, 12));
    await next.refuse("history", 1006, "forbidden");
    expect(seen).toEqual(["gap undefined-12", "13"]);
  });

  test("C41 with a window a subscription resumes from the last acknowledged message, and marks what comes again", async () => {
    const { world, socket, subscription, seen } = await live("t", { window: 5 });
    const messages: Message[] = [];
    subscription.on("message", (message) => messages.push(message));
    await socket.push(msg("t", 11, 10), msg("t", 12, 11), msg("t", 13, 12));
    const second = messages[1];
    if (second) subscription.ack(second);
    await settle();
    expect(socket.open("ack")).toEqual({ kind: "ack", body: { topic: "t", offset: 12 } });
    expect(subscription.position?.offset).toBe(12);
    await socket.push(msg("t", 13, 12, { redelivered: true }), msg("t", 13, 12));
    const next = await world.reconnect();
    expect(next.open("subscribe").body).toEqual({ topic: "t", window: 5, since: { epoch: "e", offset: 12 } });
    await next.reply("subscribe", { epoch: "e", offset: 14, recovered: true });
    await next.push(msg("t", 13, 12), msg("t", 14, 13));
    expect(seen).toEqual(["11", "12", "13", "13 again", "recovered true", "13 again", "14"]);
  });

  test("C49 without repair a gap is told at once and nothing is fetched", async () => {
    const { socket, seen } = await live("t", { repair: false });
    await socket.push(msg("t", 13, 12), { gap: { topic: "t", after: 13, to: 15 } }, msg("t", 16, 15));
    expect(seen).toEqual(["gap 10-12", "13", "gap 13-15", "16"]);
    expect(socket.all("history")).toEqual([]);
  });

  test("C50 what waits during a repair is bounded; the rest is fetched after it", async () => {
    const { socket, seen } = await live();
    for (let offset = 12; offset <= 1500; offset++) await socket.push(msg("t", offset, offset - 1));
    await history(socket, chain("t", 10, 11, 12));
    expect(socket.open("history").body).toMatchObject({ after: { offset: 1011 } });
    const rest = Array.from({ length: 489 }, (_, i) => 1012 + i);
    await history(socket, chain("t", 1011, ...rest));
    expect(seen).toEqual(Array.from({ length: 1490 }, (_, i) => `${11 + i}`));
  });
});
