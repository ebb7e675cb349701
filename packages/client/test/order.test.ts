import { describe, expect, test } from "bun:test";
import type { Message } from "../src/index.ts";
import { settle } from "./support/clock.ts";
import type { FakeSocket } from "./support/socket.ts";
import { history, live } from "./support/live.ts";
import { chain, msg, record, World } from "./support/world.ts";

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

  test("C52 temporary errors cost no message: a repair goes on for as long as the connection is there", async () => {
    const { world, socket, seen } = await live();
    await socket.push(msg("t", 12, 11));
    for (let i = 0; i < 40; i++) {
      await socket.refuse("history", 2000, "unavailable");
      await socket.push(msg("t", 13 + i, 12 + i));
      await world.clock.advance(2500);
    }
    expect(seen).toEqual([]);
    await history(socket, chain("t", 10, 11, 12));
    expect(seen).toEqual(Array.from({ length: 42 }, (_, i) => `${11 + i}`));
  });

  test("C52 after ten minutes of nothing but temporary errors a repair is given up with a gap", async () => {
    const world = new World();
    const { client, socket } = await world.connected({}, { ping: 0 });
    const seen = record(client.subscribe("t"));
    await settle();
    await socket.reply("subscribe", { epoch: "e", offset: 10 });
    await socket.push(msg("t", 14, 13));
    const until = async (ms: number): Promise<void> => {
      for (const end = world.clock.now() + ms; world.clock.now() < end;) {
        await socket.refuse("history", 2004, "internal");
        await world.clock.advance(10_000);
      }
    };
    await until(500_000);
    await history(socket, chain("t", 10, 11), { more: true });
    await until(600_000);
    expect(seen).toEqual(["11"]);
    await until(10_000);
    expect(seen).toEqual(["11", "gap 11-13", "14"]);
  });

  test("C52 a repair that waits leaves no timer behind", async () => {
    const { world, client, socket } = await live();
    await socket.push(msg("t", 12, 11));
    await socket.refuse("history", 2000, "unavailable");
    await client.close();
    expect(world.clock.timers).toBe(0);
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

  test("C44 a handler of a gap that unsubscribes gets nothing of what is behind it", async () => {
    const { socket, subscription, seen } = await live();
    subscription.on("gap", () => subscription.unsubscribe());
    await socket.push(msg("t", 14, 13));
    await history(socket, chain("t", 12, 13, 14), { complete: false });
    expect(seen).toEqual(["gap 10-12", "ended undefined"]);
    expect(subscription.position).toEqual({ epoch: "e", offset: 10 });
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

  test("C36 a filter whose new subscription is refused, or cut, still begins before the gap", async () => {
    const { world, socket } = await live("t/#");
    const push = (offset: number, previous: number): object => msg("t/a", offset, previous, { filter: "t/#" });
    await socket.push(push(11, 3), push(15, 14));
    await history(socket, chain("t/a", 11, 14, 15, 18));
    await socket.push({ gap: { topic: "t/#", after: 15, to: 18 } });
    expect(socket.open("subscribe").body).toMatchObject({ since: { offset: 15 } });
    await socket.reply("unsubscribe");
    await socket.refuse("subscribe", 2000, "unavailable");
    await world.clock.advance(100);
    expect(socket.open("subscribe").body).toMatchObject({ since: { offset: 15 } });
    const next = await world.reconnect();
    expect(next.open("subscribe").body).toMatchObject({ since: { offset: 15 } });
  });

  test("C38 what the history gave of one topic does not carry the filter past the others", async () => {
    const { world, socket, subscription, seen } = await live("t/#");
    const push = (topic: string, offset: number, previous: number): object =>
      msg(topic, offset, previous, { filter: "t/#" });
    await socket.push(push("t/a", 12, 11));
    // The history is ahead of the live stream, which has t/b at 13 and 14 still to come.
    await history(socket, chain("t/a", 10, 11, 12, 15));
    expect([seen, subscription.position?.offset]).toEqual([["11", "12", "15"], 12]);
    const next = await world.reconnect();
    expect(next.open("subscribe").body).toMatchObject({ since: { offset: 12 } });
    await next.reply("subscribe", { epoch: "e", offset: 15, recovered: true });
    await next.push(push("t/b", 13, 2), push("t/b", 14, 13), push("t/a", 15, 12));
    expect([seen.slice(3), subscription.position?.offset]).toEqual([["recovered true", "13", "14"], 15]);
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

  test("C41 only with a window is there something to acknowledge, and only of the log that is", async () => {
    const plain = await live();
    expect(() => plain.subscription.ack({ offset: 11 } as Message)).toThrow("ack: this subscription has no window");
    const { world, subscription, seen } = await live("t", { window: 5 });
    const next = await world.reconnect();
    await next.reply("subscribe", { epoch: "f", offset: 2, recovered: false });
    await next.reply("history", { epoch: "f", messages: chain("t", 0, 1, 2), more: false, complete: true });
    subscription.ack({ offset: 9 } as Message);
    expect(subscription.position).toEqual({ epoch: "f", offset: 0 });
    expect(seen).toEqual(["gap 10-undefined", "1", "2", "recovered false"]);
  });

  test("C38 C41 an acknowledged message of the history does not carry a filter past the others", async () => {
    const { world, socket, subscription } = await live("t/#", { window: 5 });
    const push = (topic: string, offset: number, previous: number): object =>
      msg(topic, offset, previous, { filter: "t/#" });
    const messages: Message[] = [];
    subscription.on("message", (message) => messages.push(message));
    await socket.push(push("t/a", 12, 11));
    await history(socket, chain("t/a", 10, 11, 12, 15));
    for (const message of messages) subscription.ack(message);
    expect(messages.map((message) => message.offset)).toEqual([11, 12, 15]);
    const next = await world.reconnect();
    expect(next.open("subscribe").body).toMatchObject({ since: { offset: 12 } });
  });

  test("C37 C41 a new epoch begins a filter with a window anew, too", async () => {
    const { world, socket, seen } = await live("t/#", { window: 5 });
    await socket.push(msg("t/a", 11, 3, { filter: "t/#" }));
    const next = await world.reconnect();
    await next.reply("subscribe", { epoch: "f", offset: 2, recovered: false });
    await next.push(msg("t/a", 3, 2, { filter: "t/#" }));
    expect(seen).toEqual(["11", "gap 10-undefined", "recovered false", "3"]);
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
