import { describe, expect, test } from "bun:test";
import { MemoryPresence } from "../../src/adapters/memory/presence.ts";
import { intervalFor, SENDS_PER_SECOND } from "../../src/presence/pace.ts";
import { FakeClock } from "../support/fake-clock.ts";

const SETTINGS = { grace: 0, maxMembers: 100 };

/** A telling and what it costs: one send to each session there. */
interface Telling {
  readonly at: number;
  readonly sends: number;
}

class Room {
  readonly clock = new FakeClock(0);
  readonly tellings: Telling[] = [];
  readonly #presence = new MemoryPresence({ clock: this.clock });
  #sessions = 0;

  constructor() {
    this.#presence.watch({ changed: () => this.tellings.push({ at: this.clock.now(), sends: this.#sessions }) });
  }

  get sends(): number {
    return this.tellings.reduce((sum, telling) => sum + telling.sends, 0);
  }

  enter(user: number): void {
    this.#sessions++;
    this.#presence.enter("t", `s${user}`, { user: `u${user}`, info: undefined }, SETTINGS);
  }

  exit(user: number): void {
    this.#sessions--;
    this.#presence.exit("t", `s${user}`, true);
  }

  /** Members 0 to `members` enter at equal steps of `ms` together. */
  fill(members: number, ms: number): void {
    for (let i = 0; i < members; i++) {
      this.enter(i);
      this.clock.advance(ms / members);
    }
  }
}

describe("cost of presence", () => {
  test("P17 10,000 members who join one after another in 10 s cost at most 7 sends each", () => {
    const room = new Room();
    room.fill(10_000, 10_000);
    room.clock.advance(60_000);
    // Telling each join to all who are there would be 50,005,000.
    expect(room.sends).toBeLessThanOrEqual(70_000);
    expect(room.sends).toBeGreaterThanOrEqual(10_000);
  });

  test("P17 the cost of filling a room grows with its members, not with their square", () => {
    const cost = (members: number) => {
      const room = new Room();
      room.fill(members, members);
      room.clock.advance(600_000);
      return room.sends / members;
    };
    const perMember = [1_000, 2_000, 4_000, 8_000, 16_000].map(cost);
    for (const sends of perMember) expect(sends).toBeLessThanOrEqual(7);
  });

  test.each([5, 100, 101, 1_000, 5_000])(
    "P8 P18 a room of %d in which one leaves and one joins every 10 ms stays within the budget",
    (size) => {
      const room = new Room();
      for (let i = 0; i < size; i++) room.enter(i);
      room.clock.advance(60_000);
      room.tellings.length = 0;
      const SECONDS = 60;
      for (let oldest = 0; oldest < SECONDS * 100; oldest++) {
        room.exit(oldest);
        room.enter(size + oldest);
        room.clock.advance(10);
      }
      const most = Math.max(...room.tellings.map((telling) => telling.sends));
      expect(room.sends).toBeLessThanOrEqual(SENDS_PER_SECOND * SECONDS + most);
      expect(room.tellings.length).toBeGreaterThan(0);
      expectPaused(room.tellings);
    },
  );

  test("P18 a room that fills in one turn is told once, and pauses for what that cost", () => {
    const room = new Room();
    for (let i = 0; i < 10_000; i++) room.enter(i);
    room.clock.advance(0);
    expect(room.tellings).toEqual([{ at: 0, sends: 10_000 }]);
    room.exit(0);
    room.clock.advance(1_999);
    expect(room.tellings.length).toBe(1);
    room.clock.advance(1);
    expect(room.tellings.at(-1)).toEqual({ at: 2_000, sends: 9_999 });
  });

  test("P7 a large topic gathers for its interval before it tells, though it was quiet", () => {
    const room = new Room();
    for (let i = 0; i < 1_000; i++) room.enter(i);
    room.clock.advance(60_000);
    room.tellings.length = 0;
    room.enter(1_000);
    const from = room.clock.now();
    room.clock.advance(60_000);
    expect(room.tellings).toEqual([{ at: from + 201, sends: 1_001 }]);
  });
});

function expectPaused(tellings: readonly Telling[]): void {
  for (const [i, { at, sends }] of tellings.entries()) {
    const next = tellings[i + 1];
    if (next !== undefined) expect(next.at - at).toBeGreaterThanOrEqual(intervalFor(sends));
  }
}
