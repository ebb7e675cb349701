import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Presence, PresenceChange, PresenceSettings } from "../../src/presence/presence.ts";
import { PresenceUnavailable } from "../../src/presence/presence.ts";
import { presenceProperties } from "./followers.contract.ts";

/** One adapter under test, and the time it lives in. */
export interface PresenceHarness {
  readonly presence: Presence;
  /** Moves the clock that the adapter was given, in milliseconds, and waits until all that follows is done. */
  advance(ms: number): Promise<void>;
  /** Closes the adapter and removes what it stored. */
  dispose(): Promise<void>;
}

const SETTINGS: PresenceSettings = { grace: 5_000, maxMembers: 3 };
const TOPIC = "chat/room";

/** What every adapter of the port does. Each test gets a new, empty one. */
export function presenceContract(name: string, make: () => Promise<PresenceHarness>): void {
  describe(`presence: ${name}`, () => {
    let harness: PresenceHarness;
    let presence: Presence;
    let told: [string, PresenceChange][];

    beforeEach(async () => {
      harness = await make();
      ({ presence } = harness);
      told = [];
      presence.watch({ changed: (topic, change) => told.push([topic, change]) });
    });

    afterEach(() => harness.dispose());

    function enter(user: string, session = user, info?: string): void {
      presence.enter(TOPIC, session, { user, info }, SETTINGS);
    }

    /** The changes since the last call, after all have been told and before a grace time is over. */
    async function changes(): Promise<PresenceChange[]> {
      await harness.advance(200);
      return told.splice(0).map(([, change]) => change);
    }

    const named = (...users: string[]) => users.map((user) => ({ user, info: undefined }));

    test("P1 a user on several sessions is one member, until the last of them is gone", async () => {
      enter("ann", "s1");
      enter("ann", "s2");
      expect(await changes()).toEqual([{ joined: named("ann"), left: [], count: 1 }]);
      presence.exit(TOPIC, "s1", true);
      expect(await changes()).toEqual([]);
      presence.exit(TOPIC, "s2", true);
      expect(await changes()).toEqual([{ joined: [], left: named("ann"), count: 0 }]);
    });

    test("P1 a session that enters twice is there once", async () => {
      enter("ann", "s1");
      enter("ann", "s1");
      presence.exit(TOPIC, "s1", true);
      expect((await presence.query(TOPIC, 10)).count).toBe(0);
    });

    test("P1 a session that enters for another user has left for the one before", async () => {
      enter("ann", "s1");
      await changes();
      enter("bob", "s1");
      expect(await changes()).toEqual([{ joined: named("bob"), left: named("ann"), count: 1 }]);
      presence.exit(TOPIC, "s1", true);
      expect(await presence.query(TOPIC, 10)).toEqual({ count: 0, members: [] });
    });

    test("P2 the info of whoever entered last counts, and is not a change by itself", async () => {
      enter("ann", "s1", "old");
      enter("ann", "s2", "new");
      expect((await changes())[0]?.joined).toEqual([{ user: "ann", info: "new" }]);
      enter("ann", "s1", "newest");
      expect(await changes()).toEqual([]);
      expect((await presence.query(TOPIC, 10)).members).toEqual([{ user: "ann", info: "newest" }]);
    });

    test("P3 a member whose last session was lost leaves when the grace time is over", async () => {
      enter("ann");
      await changes();
      presence.exit(TOPIC, "ann", false);
      await harness.advance(SETTINGS.grace - 1);
      expect(await presence.query(TOPIC, 10)).toEqual({ count: 1, members: named("ann") });
      expect(told).toEqual([]);
      await harness.advance(1);
      expect(await presence.query(TOPIC, 10)).toEqual({ count: 0, members: [] });
      expect(await changes()).toEqual([{ joined: [], left: named("ann"), count: 0 }]);
    });

    test("P3 whoever returns within the grace time neither left nor joined", async () => {
      enter("ann", "s1");
      await changes();
      presence.exit(TOPIC, "s1", false);
      await harness.advance(SETTINGS.grace - 1);
      enter("ann", "s2");
      await harness.advance(2 * SETTINGS.grace);
      expect(told).toEqual([]);
      expect((await presence.query(TOPIC, 10)).count).toBe(1);
    });

    test("P3 each loss has its own grace time", async () => {
      enter("ann", "s1");
      presence.exit(TOPIC, "s1", false);
      await harness.advance(SETTINGS.grace / 2);
      enter("ann", "s2");
      presence.exit(TOPIC, "s2", false);
      await harness.advance(SETTINGS.grace - 1);
      expect((await presence.query(TOPIC, 10)).count).toBe(1);
      await harness.advance(1);
      expect((await presence.query(TOPIC, 10)).count).toBe(0);
    });

    test("P4 whoever goes on its own wish leaves at once", async () => {
      enter("ann");
      await changes();
      presence.exit(TOPIC, "ann", true);
      expect((await presence.query(TOPIC, 10)).count).toBe(0);
      expect(await changes()).toEqual([{ joined: [], left: named("ann"), count: 0 }]);
    });

    test("P4 an exit of a session that is not there changes nothing", async () => {
      enter("ann");
      await changes();
      presence.exit(TOPIC, "other", true);
      presence.exit("chat/other", "ann", true);
      expect(await changes()).toEqual([]);
      expect((await presence.query(TOPIC, 10)).count).toBe(1);
    });

    test("P6 an answer lists as many as were asked for and counts all", async () => {
      for (let i = 0; i < 5; i++) enter(`user${i}`);
      const { count, members } = await presence.query(TOPIC, 2);
      expect([count, members.length]).toEqual([5, 2]);
      expect(await presence.query(TOPIC, 0)).toEqual({ count: 5, members: [] });
      expect(await presence.query("chat/nobody", 10)).toEqual({ count: 0, members: [] });
    });

    test("P7 a small topic that was quiet tells a change in the same turn", async () => {
      enter("ann");
      expect(told).toEqual([]);
      await harness.advance(0);
      expect(told).toEqual([[TOPIC, { joined: named("ann"), left: [], count: 1 }]]);
    });

    test("P8 after that it gathers for 100 ms", async () => {
      enter("ann");
      await harness.advance(0);
      enter("bob");
      await harness.advance(50);
      enter("cid");
      await harness.advance(49);
      expect(told.length).toBe(1);
      await harness.advance(1);
      expect(told.splice(1)).toEqual([[TOPIC, { joined: named("bob", "cid"), left: [], count: 3 }]]);
    });

    test("P9 who joins and leaves within one interval is not told of, nor who leaves and joins", async () => {
      enter("ann");
      await harness.advance(0);
      enter("bob");
      presence.exit(TOPIC, "bob", true);
      presence.exit(TOPIC, "ann", true);
      enter("ann");
      await changes();
      await harness.advance(1000);
      expect(told).toEqual([]);
      expect(await presence.query(TOPIC, 10)).toEqual({ count: 1, members: named("ann") });
    });

    test("P10 a change names at most maxMembers of each kind and counts all", async () => {
      for (let i = 0; i < 5; i++) enter(`old${i}`);
      await changes();
      for (let i = 0; i < 5; i++) presence.exit(TOPIC, `old${i}`, true);
      for (let i = 0; i < 7; i++) enter(`new${i}`);
      const [change] = await changes();
      expect(change?.count).toBe(7);
      expect([change?.left.length, change?.joined.length]).toEqual([3, 3]);
    });

    test("P13 topics do not know one another", async () => {
      enter("ann");
      presence.enter("chat/other", "ann", { user: "ann", info: undefined }, SETTINGS);
      await changes();
      presence.exit("chat/other", "ann", true);
      await harness.advance(200);
      expect(told).toEqual([["chat/other", { joined: [], left: named("ann"), count: 0 }]]);
      expect((await presence.query(TOPIC, 10)).count).toBe(1);
    });

    test("P14 there is one watcher", async () => {
      expect(() => presence.watch({ changed: () => undefined })).toThrow("has a watcher");
      enter("ann");
      expect((await changes()).length).toBe(1);
    });

    test("P15 a closed presence answers no question and tells nothing", async () => {
      enter("ann");
      await presence.close();
      enter("bob");
      presence.exit(TOPIC, "ann", true);
      await harness.advance(10_000);
      expect(told).toEqual([]);
      expect(await rejection(presence.query(TOPIC, 1))).toBeInstanceOf(PresenceUnavailable);
    });
  });

  presenceProperties(name, make);
}

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
