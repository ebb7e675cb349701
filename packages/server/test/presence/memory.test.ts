import { describe, expect, test } from "bun:test";
import { MemoryPresence } from "../../src/adapters/memory/presence.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { presenceContract } from "./presence.contract.ts";

presenceContract("memory", async () => {
  const clock = new FakeClock();
  const presence = new MemoryPresence({ clock });
  return {
    presence,
    advance: async (ms: number) => clock.advance(ms),
    dispose: () => presence.close(),
  };
});

const SETTINGS = { grace: 5_000, maxMembers: 100 };

describe("presence in memory", () => {
  function make() {
    const clock = new FakeClock();
    return { clock, presence: new MemoryPresence({ clock }) };
  }

  test("P5 ten thousand members in their grace time need one timer", () => {
    const { clock, presence } = make();
    for (let i = 0; i < 10_000; i++) presence.enter("t", `s${i}`, { user: `u${i}`, info: undefined }, SETTINGS);
    clock.advance(60_000);
    for (let i = 0; i < 10_000; i++) presence.exit("t", `s${i}`, false);
    expect(presence.waiting.graces).toBe(10_000);
    expect(clock.timers).toBe(1);
  });

  test("P16 nothing is kept of a topic that is empty", () => {
    const { clock, presence } = make();
    presence.watch({ changed: () => undefined });
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 1000; i++) presence.enter(`t${i}`, "s", { user: "u", info: undefined }, SETTINGS);
      clock.advance(1000);
      expect(presence.topics).toBe(1000);
      for (let i = 0; i < 1000; i++) presence.exit(`t${i}`, "s", i % 2 === 0);
      expect(presence.topics).toBe(500);
      clock.advance(SETTINGS.grace);
    }
    expect(presence.topics).toBe(0);
    expect(presence.waiting).toEqual({ topics: 0, changes: 0, graces: 0 });
    expect(clock.timers + clock.turnTasks).toBe(0);
  });

  test("P16 members who come and go faster than they are told of are not piled up", () => {
    const { clock, presence } = make();
    for (let i = 0; i < 200; i++) presence.enter("t", `s${i}`, { user: `u${i}`, info: undefined }, SETTINGS);
    clock.advance(60_000);
    for (let i = 0; i < 10_000; i++) {
      presence.enter("t", "guest", { user: `guest${i}`, info: undefined }, SETTINGS);
      void presence.query("t", 10);
      presence.exit("t", "guest", true);
    }
    expect(presence.waiting.changes).toBeLessThanOrEqual(201);
  });
});
