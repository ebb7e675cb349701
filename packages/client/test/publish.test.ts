import { describe, expect, test } from "bun:test";
import type { Published, TidegateError } from "../src/index.ts";
import { idSource } from "../src/environment.ts";
import { settle } from "./support/clock.ts";
import { chain, failure, World } from "./support/world.ts";

const stored = (offset: number): Published => ({ epoch: "e", offset, duplicate: false });

/** How promises end, in the order in which they do. */
function outcomes() {
  const ends: (number | string)[] = [];
  const watch = (promise: Promise<Published>): void =>
    void promise.then(
      (published) => ends.push(published.offset),
      (error: TidegateError) => ends.push(error.reason ?? error.message),
    );
  return { ends, watch };
}

describe("publishing", () => {
  test("C60 a publish has a message id, carries its options, and resolves with its position", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const publishing = client.publish("t", { a: 1 }, { priority: "high", headers: { h: "1" }, retain: true });
    await settle();
    expect(socket.open("publish").body).toEqual({
      topic: "t",
      messageId: "id-1",
      data: { a: 1 },
      priority: "high",
      headers: { h: "1" },
      retain: true,
    });
    await socket.reply("publish", { epoch: "e", offset: 4, duplicate: false });
    expect(await publishing).toEqual({ epoch: "e", offset: 4, duplicate: false });
    expect(client.pending).toBe(0);
  });

  test("C60 data goes as JSON, text or bytes, as it is at the call", async () => {
    const world = new World();
    const { client, socket } = await world.connected({ queue: { inFlight: 10 } });
    const changing = { a: 1 };
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i);
    const sends = [
      client.publish("t", changing),
      client.publish("t", "hé", { as: "text", messageId: "m" }),
      client.publish("t", bytes),
      client.publish("t", null),
    ];
    for (const each of sends) void each.catch(() => {});
    changing.a = 2;
    await settle();
    const [json, text, binary, nothing] = socket.all("publish").map((each) => each.body);
    expect(json).toMatchObject({ data: { a: 1 } });
    expect(text).toEqual({ topic: "t", messageId: "m", text: "hé" });
    expect(binary?.["base64"]).toBe(Buffer.from(bytes).toString("base64"));
    expect(nothing).toMatchObject({ data: null });
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    for (const wrong of [undefined, () => {}, 1n, cyclic]) {
      expect(await failure(client.publish("t", wrong))).toBeInstanceOf(TypeError);
    }
    expect((await failure(client.publish("t", 5, { as: "text" }))).message).toBe(
      'data: {as: "text"} takes a string, not a number',
    );
    await client.close();
  });

  test("C60 text and bytes come back as they went", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const seen: unknown[] = [];
    client.subscribe("t", {}, (message) => seen.push([message.format, message.data]));
    await settle();
    await socket.reply("subscribe", { epoch: "e", offset: 0 });
    await socket.push({ message: { topic: "t", offset: 1, previous: 0, time: 1, text: "hé" } });
    await socket.push({ message: { topic: "t", offset: 2, previous: 1, time: 1, base64: "AP8=" } });
    expect(seen).toEqual([
      ["text", "hé"],
      ["binary", Uint8Array.of(0, 255)],
    ]);
  });

  test("C60 the ids of the client are unique and short", () => {
    const [one, other] = [idSource(), idSource()];
    const ids = new Set(Array.from({ length: 1000 }, () => [one(), other()]).flat());
    expect(ids.size).toBe(2000);
    for (const id of ids) expect(id.length).toBeLessThan(40);
  });

  test("C61 what is published without a connection waits, and goes out in order behind the subscriptions", async () => {
    const world = new World();
    const client = world.client();
    const { ends, watch } = outcomes();
    for (const topic of ["a", "b", "a"]) watch(client.publish(topic, topic));
    client.subscribe("a");
    expect(client.pending).toBe(3);
    client.connect();
    const socket = await world.accept();
    expect(socket.sent.slice(1).map((each) => [each.kind, each.body["topic"]])).toEqual([
      ["subscribe", "a"],
      ["publish", "a"],
      ["publish", "b"],
    ]);
    await socket.reply("publish", stored(2));
    await socket.reply("publish", stored(1));
    await socket.reply("publish", stored(3));
    expect(ends).toEqual([2, 1, 3]);
  });

  test("C62 what had no reply is sent again with the same id, in order", async () => {
    const world = new World();
    const { client, socket } = await world.connected({ queue: { inFlight: 2 } });
    const { ends, watch } = outcomes();
    for (const data of [1, 2, 3]) watch(client.publish("t", data));
    await settle();
    const first = socket.all("publish");
    expect(first.map((each) => each.body["data"])).toEqual([1, 2]);
    const next = await world.reconnect();
    expect(next.all("publish").map((each) => each.body)).toEqual(first.map((each) => each.body));
    for (const { id, body } of next.all("publish")) await next.push({ id, publish: stored(body["data"] as number) });
    await next.reply("publish", stored(3));
    expect(ends).toEqual([1, 2, 3]);
    expect(client.pending).toBe(0);
  });

  test("C63 a temporary error holds its topic back for the back-off, and no other", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const { ends, watch } = outcomes();
    for (const data of [1, 2]) watch(client.publish("slow", data));
    await settle();
    await socket.refuse("publish", 2002, "rate_limited");
    watch(client.publish("quick", 9));
    watch(client.publish("slow", 3));
    await settle();
    await socket.reply("publish", stored(9));
    await world.clock.advance(99);
    expect(socket.all("publish").length).toBe(2);
    await world.clock.advance(1);
    await socket.refuse("publish", 2002, "rate_limited");
    await world.clock.advance(200);
    await socket.reply("publish", stored(10));
    await socket.reply("publish", stored(11));
    await socket.reply("publish", stored(12));
    expect(socket.all("publish").map((each) => each.body["data"])).toEqual([1, 9, 1, 1, 2, 3]);
    expect(ends).toEqual([9, 10, 11, 12]);
  });

  test("C21 what is refused as unavailable goes again within 5 s", async () => {
    const world = new World();
    world.random = 1;
    const { client, socket } = await world.connected({}, { ping: 0 });
    const { ends, watch } = outcomes();
    watch(client.publish("t", 1));
    await settle();
    for (let i = 0; i < 12; i++) {
      await socket.refuse("publish", 2000, "unavailable");
      await world.clock.advance(5000);
    }
    await socket.reply("publish", stored(1));
    expect(ends).toEqual([1]);
  });

  test("C64 a final error rejects its publish, and the next goes on", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const { ends, watch } = outcomes();
    for (const data of [1, 2]) watch(client.publish("t", data));
    await settle();
    await socket.refuse("publish", 1006, "forbidden");
    await socket.reply("publish", stored(5));
    expect(ends).toEqual(["forbidden", 5]);
  });

  test("C65 a full queue rejects at once and says how full", async () => {
    const world = new World();
    const client = world.client({ queue: { messages: 2, bytes: 500 } });
    const { ends, watch } = outcomes();
    watch(client.publish("t", "x".repeat(600)));
    for (const data of [1, 2]) watch(client.publish("t", data));
    const error = await client.publish("t", 3).catch((thrown: TidegateError) => thrown);
    expect(error).toMatchObject({ reason: "queue_full", temporary: true });
    expect((error as TidegateError).message).toMatch(
      /^2 publishes of \d+ characters wait for their reply; allowed are 2 of 500$/,
    );
    expect(ends).toEqual(["queue_full"]);
  });

  test("C66 a publish without a reply in time is sent again with the same id; a late reply changes nothing", async () => {
    const world = new World();
    const { client, socket } = await world.connected({}, { ping: 0 });
    const { ends, watch } = outcomes();
    watch(client.publish("t", 1));
    await world.clock.advance(10_100);
    const [first, second] = socket.all("publish");
    expect(second?.body).toEqual(first?.body ?? {});
    await socket.push({ id: first?.id, publish: stored(7) });
    expect(ends).toEqual([]);
    await socket.push({ id: second?.id, publish: { ...stored(7), duplicate: true } });
    expect(ends).toEqual([7]);
  });

  test("C67 a publish refused for an expired token is sent again on a new connection with a new one", async () => {
    const world = new World();
    let asked = 0;
    const { client, socket } = await world.connected({ token: () => `t${++asked}` });
    const { ends, watch } = outcomes();
    watch(client.publish("t", 1));
    await settle();
    await socket.refuse("publish", 1005, "token_expired");
    await world.clock.advance(100);
    const next = await world.accept();
    expect(next.all("connect")[0]?.body["token"]).toBe("t2");
    await next.reply("publish", stored(3));
    expect(ends).toEqual([3]);
  });
});

test("C68 what is larger than the server's frames is refused once and holds up nothing else", async () => {
  const world = new World();
  const { client, socket } = await world.connected();
  const { ends, watch } = outcomes();
  watch(client.publish("small", 1));
  watch(client.publish("large", "x".repeat(100_000)));
  watch(client.publish("large", 2));
  await settle();
  await socket.drop(1009, "too big");
  await world.clock.advance(100);
  const next = await world.accept();
  expect(next.all("publish").map((each) => each.body["data"])).toEqual([1, 2]);
  for (const offset of [5, 6]) await next.reply("publish", stored(offset));
  expect(ends).toEqual(["too_large", 5, 6]);
});

describe("asking", () => {
  test("C70 history and presence give what the server answers, or its error", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const page = client.history<number>("t", { after: { epoch: "e", offset: 1 }, limit: 2 });
    await settle();
    expect(socket.open("history").body).toEqual({ topic: "t", after: { epoch: "e", offset: 1 }, limit: 2 });
    await socket.reply("history", { epoch: "e", messages: chain("t", 1, 2, 3), more: true, complete: true });
    expect((await page).messages.map((message) => message.data)).toEqual([2, 3]);
    const who = client.presence("t", { count: true });
    await settle();
    expect(socket.open("presence").body).toEqual({ topic: "t", count: true });
    await socket.reply("presence", { count: 3 });
    expect(await who).toEqual({ count: 3 });
    const refused = client.presence("u").catch((error: unknown) => error);
    await settle();
    await socket.refuse("presence", 1013, "not_enabled");
    expect(await refused).toMatchObject({ reason: "not_enabled", message: "because of not_enabled" });
  });

  test("C70 a question is asked again on the next connection", async () => {
    const world = new World();
    const { client } = await world.connected();
    const who = client.presence("t");
    await settle();
    const next = await world.reconnect();
    await next.reply("presence", { count: 1, members: [{ user: "ann" }] });
    expect(await who).toEqual({ count: 1, members: [{ user: "ann" }] });
  });

  test("C72 a question that is refused for the moment is asked again within its time", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const who = client.presence("t");
    await settle();
    await socket.refuse("presence", 2000, "unavailable");
    await world.clock.advance(100);
    await socket.reply("presence", { count: 1 });
    expect(await who).toEqual({ count: 1 });
    const never = failure(client.presence("t"));
    for (let i = 0; i < 5; i++) {
      await settle();
      await socket.refuse("presence", 2001, "overloaded");
      await world.clock.advance(100 * 2 ** i);
    }
    await world.clock.advance(10_000);
    expect(await never).toMatchObject({ reason: "overloaded", temporary: true });
  });

  test("C72 a question that waits for its turn is asked once on the next connection", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const who = client.presence("t");
    await settle();
    await socket.refuse("presence", 2000, "unavailable");
    const next = await world.reconnect();
    await world.clock.advance(1000);
    expect(next.all("presence").length).toBe(1);
    await next.reply("presence", { count: 1 });
    expect(await who).toEqual({ count: 1 });
    await client.close();
    expect(world.clock.timers).toBe(0);
  });

  test("C20 a question without an answer in its time rejects, also without a connection", async () => {
    const world = new World();
    const client = world.client({ timeouts: { command: 3000 } });
    const late = client.presence("t").catch((error: unknown) => error);
    await world.clock.advance(3000);
    expect(await late).toMatchObject({
      reason: "timeout",
      temporary: true,
      message: "no answer to presence within 3000 ms",
    });
  });

  test("C71 the number of questions that wait is bounded", async () => {
    const world = new World();
    const client = world.client();
    const waiting = Array.from({ length: 1001 }, () =>
      client.presence("t").catch((error: TidegateError) => error.reason),
    );
    expect(await waiting.at(-1)).toBe("queue_full");
    await client.close();
    expect(await waiting[0]).toBe("closed");
  });
});
