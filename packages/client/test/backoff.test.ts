import { describe, expect, test } from "bun:test";
import { settle } from "./support/clock.ts";
import { World } from "./support/world.ts";

describe("waiting for the next attempt", () => {
  test("C2 the waits are a random part of a range that doubles up to its end", async () => {
    const world = new World();
    const client = world.client().connect();
    const waits: number[] = [];
    client.on("state", (state) => state.kind === "waiting" && waits.push(state.retryAt - world.clock.now()));
    for (let i = 0; i < 9; i++) {
      await settle();
      await world.socket.drop();
      await world.clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    world.random = 0;
    await world.socket.drop();
    expect(waits.at(-1)).toBe(0);
  });

  test("C21 a server that answers unavailable is tried again within 5 s, another one within the whole back-off", async () => {
    const longest = async (code: number, reason: string): Promise<number> => {
      const world = new World();
      world.random = 1;
      const client = world.client().connect();
      let wait = 0;
      client.on("state", (state) => state.kind === "waiting" && (wait = state.retryAt - world.clock.now()));
      for (let i = 0; i < 12; i++) {
        await settle();
        await world.socket.accept();
        await world.socket.refuse("connect", code, reason);
        await world.clock.advance(wait);
      }
      return wait;
    };
    expect([await longest(2000, "unavailable"), await longest(2001, "overloaded")]).toEqual([5000, 20_000]);
  });

  test("C3 only a connection that held for a while starts the back-off anew", async () => {
    const world = new World();
    const client = world.client().connect();
    const attempts: number[] = [];
    client.on("state", (state) => state.kind === "waiting" && attempts.push(state.attempt));
    for (const held of [0, 4999, 5000]) {
      await world.accept();
      await world.clock.advance(held);
      await world.socket.drop();
      world.wake();
    }
    expect(attempts).toEqual([1, 2, 0]);
  });

  test("C4 several endpoints are tried in turn, each once before the waits grow", async () => {
    const world = new World();
    const client = world.client({}, ["ws://a", "ws://b"]).connect();
    const waits: number[] = [];
    client.on("state", (state) => state.kind === "waiting" && waits.push(state.retryAt - world.clock.now()));
    for (let i = 0; i < 4; i++) {
      await settle();
      await world.socket.drop();
      await world.clock.advance(1000);
    }
    expect(world.sockets.map((socket) => socket.url)).toEqual(["ws://a", "ws://b", "ws://a", "ws://b", "ws://a"]);
    expect(waits).toEqual([100, 100, 200, 200]);
  });
});
