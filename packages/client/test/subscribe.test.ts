import { describe, expect, test } from "bun:test";
import { type Message, type SubscriptionState, TidegateError } from "../src/index.ts";
import { settle } from "./support/clock.ts";
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

  test("C21 a subscription that is refused as unavailable is tried again within 5 s", async () => {
    const world = new World();
    world.random = 1;
    const { client, socket } = await world.connected({}, { ping: 0 });
    const subscription = client.subscribe("t");
    await settle();
    for (let i = 0; i < 12; i++) {
      await socket.refuse("subscribe", 2000, "unavailable");
      await world.clock.advance(5000);
    }
    await socket.reply("subscribe", { epoch: "e", offset: 1 });
    expect(subscription.state.kind).toBe("live");
  });

  test("C43 the back-off of one that is taken and dropped at once grows, until it holds", async () => {
    const { world, socket } = await live();
    const dropped = { topic: "t", error: { code: 2000, reason: "unavailable", message: "later", temporary: true } };
    const answer = async (): Promise<void> => {
      await socket.reply("subscribe", { epoch: "e", offset: 10, recovered: true });
      await socket.push({ unsubscribed: dropped });
    };
    await socket.push({ unsubscribed: dropped });
    for (const wait of [100, 200, 400]) {
      await world.clock.advance(wait - 1);
      const before = socket.all("subscribe").length;
      await world.clock.advance(1);
      expect(socket.all("subscribe").length).toBe(before + 1);
      await answer();
    }
    await world.clock.advance(800);
    await socket.reply("subscribe", { epoch: "e", offset: 10, recovered: true });
    await world.clock.advance(5000);
    await socket.push({ unsubscribed: dropped });
    const before = socket.all("subscribe").length;
    await world.clock.advance(100);
    expect(socket.all("subscribe").length).toBe(before + 1);
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
    const back = client.subscribe("user/ann");
    await settle();
    await world.socket.reply("subscribe", { epoch: "e", offset: 6 });
    expect(client.personal).toBe(back);
    await world.reconnect({ personal: { topic: "user/ann", epoch: "e", offset: 7, recovered: true } });
    expect(world.socket.all("connect")[0]?.body).toMatchObject({ since: { epoch: "e", offset: 6 } });
    const seen = record(back);
    await world.socket.push(msg("user/ann", 7, 6));
    expect(seen).toEqual(["7"]);
  });

  test("C51 one subscription for a topic, and one way to begin it", async () => {
    const { client } = await live();
    expect(() => client.subscribe("t")).toThrow("topic: there is a subscription of t already");
    expect(() => client.subscribe("u", { history: 5, retained: true })).toThrow(
      "history and retained exclude each other",
    );
    expect(() => client.subscribe("u/#", { history: 5 })).toThrow("history: it is of single topics, not of filters");
    expect(() => client.subscribe("u", { buffer: 0 })).toThrow("buffer: a number from 1 on");
    expect(() => client.subscribe("u", { history: 10_001 })).toThrow("history: a whole number from 1 to 10,000");
  });
});
