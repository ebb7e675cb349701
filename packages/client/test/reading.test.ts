import { describe, expect, test } from "bun:test";
import { settle } from "./support/clock.ts";
import { live } from "./support/live.ts";
import { msg, record, World } from "./support/world.ts";

describe("reading", () => {
  test("C47 for await gives each message once, also to several loops, and ends with the subscription", async () => {
    const { socket, subscription } = await live();
    const loop = async (): Promise<number[]> => {
      const offsets: number[] = [];
      for await (const message of subscription) offsets.push(message.offset);
      return offsets;
    };
    const loops = [loop(), loop()];
    await socket.push(msg("t", 11, 10), msg("t", 12, 11));
    await socket.push(msg("t", 13, 12));
    subscription.unsubscribe();
    expect(await Promise.all(loops)).toEqual([
      [11, 12, 13],
      [11, 12, 13],
    ]);
    expect(await loop()).toEqual([]);
  });

  test("C47 a loop that is too slow gets what was kept, then an error", async () => {
    const { socket, subscription } = await live("t", { buffer: 2 });
    const stream = subscription[Symbol.asyncIterator]();
    await socket.push(msg("t", 11, 10), msg("t", 12, 11), msg("t", 13, 12), msg("t", 14, 13));
    expect((await stream.next()).value?.offset).toBe(11);
    expect((await stream.next()).value?.offset).toBe(12);
    expect(await stream.next().catch((error: unknown) => error)).toMatchObject({ reason: "too_slow" });
    expect((await stream.next()).done).toBe(true);
  });

  test("C47 a loop ends with the error of its subscription, and a break stops only that loop", async () => {
    const { socket, subscription, seen } = await live();
    const left = (async () => {
      for await (const message of subscription) if (message.offset === 11) break;
    })();
    const failed = subscription[Symbol.asyncIterator]()
      .next()
      .catch((error: unknown) => error);
    const other = subscription[Symbol.asyncIterator]();
    await socket.push(msg("t", 11, 10));
    await left;
    await failed;
    await other.next();
    const last = other.next().catch((error: unknown) => error);
    await socket.push(msg("t", 12, 11));
    await last;
    const end = other.next().catch((error: unknown) => error);
    await socket.push({
      unsubscribed: { topic: "t", error: { code: 1006, reason: "forbidden", message: "no", temporary: false } },
    });
    expect(await end).toMatchObject({ reason: "forbidden" });
    expect(seen).toEqual(["11", "12", "ended forbidden"]);
  });

  test("C48 messages from before the first reader are kept for it, in order", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const byLoop = client.subscribe("a");
    const byHandler = client.subscribe("b", { buffer: 2 });
    await settle();
    for (const kind of ["subscribe", "subscribe"]) await socket.reply(kind, { epoch: "e", offset: 10 });
    await socket.push(msg("a", 11, 10), ...[11, 12, 13].map((offset) => msg("b", offset, offset - 1)));
    const first = await byLoop[Symbol.asyncIterator]().next();
    expect(first.value?.offset).toBe(11);
    const seen = record(byHandler);
    await settle();
    await socket.push(msg("b", 14, 13));
    expect(seen).toEqual(["11", "12", "gap undefined-undefined", "14"]);
  });
});
