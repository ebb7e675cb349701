import { afterEach, describe, expect, test } from "bun:test";
import { PresenceUnavailable } from "../../../src/presence/presence.ts";
import { ShiftedClock } from "../../support/shifted-clock.ts";
import { enter, exit, membersOf, SETTINGS, takeTold, TestCluster, TOPIC } from "./gateways.ts";

let cluster = new TestCluster();
afterEach(async () => {
  await cluster.dispose();
  cluster = new TestCluster();
});

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("gateways that go", () => {
  test("P49 the members of a lost gateway leave when its lease is over and their grace time too", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    enter(a, "ann");
    await cluster.advance(1000);
    takeTold(a, b);
    a.bus.cut({ silently: true });
    const cut = cluster.clock.now();
    await cluster.advance(2000);
    await cluster.close(a, "lost");
    await cluster.advance(SETTINGS.grace - 3001);
    expect(takeTold(b)).toEqual([[]]);
    await cluster.advance(2100);
    expect(takeTold(b)).toEqual([["-at-a -ann 1"]]);
    expect(cluster.clock.now() - cut).toBeGreaterThanOrEqual(SETTINGS.grace);
    expect(b.presence.figures.gateways).toBe(0);
  });

  test("P49 when the lease took longer than the grace time they leave at once", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    a.bus.cut({ silently: true });
    await cluster.advance(SETTINGS.grace + 2000);
    expect(await membersOf(b)).toContain("at-a");
    await cluster.close(a, "lost");
    await cluster.advance(0);
    expect(takeTold(b)).toEqual([["-at-a 1"]]);
  });

  test("P50 the members of a gateway that stopped have their whole grace times from then on", async () => {
    const [a, b, c] = await cluster.openWithMembers("a", "b", "c");
    enter(a, "ann");
    enter(a, "bob");
    await cluster.advance(200);
    for (const user of ["ann", "bob", "at-a"]) exit(a, user);
    await cluster.advance(1000);
    await cluster.close(a, "stopped");
    takeTold(b, c);
    await cluster.advance(SETTINGS.grace - 1);
    enter(b, "ann");
    await cluster.advance(0);
    expect(takeTold(b, c)).toEqual([[], []]);
    await cluster.advance(1);
    expect(takeTold(b, c)).toEqual([["-at-a -bob 3"], ["-at-a -bob 3"]]);
    expect(await membersOf(c)).toEqual(["ann", "at-b", "at-c"]);
  });

  test("P50 each topic has its own grace time", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    a.presence.enter("game/1", "s", { user: "ann", info: undefined }, { grace: 20_000, maxMembers: 10 });
    await cluster.advance(200);
    await cluster.close(a, "stopped");
    await cluster.advance(19_999);
    expect(await membersOf(b)).toEqual(["at-b"]);
    expect(await membersOf(b, "game/1")).toEqual(["ann"]);
    await cluster.advance(1);
    expect(await membersOf(b, "game/1")).toEqual([]);
    expect(b.presence.figures.gateways).toBe(0);
  });

  test("P50 who came back from a stopped gateway and then goes on its own wish leaves at once", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    enter(a, "ann");
    await cluster.advance(200);
    await cluster.close(a, "stopped");
    enter(b, "ann");
    exit(b, "ann", true);
    expect(await membersOf(b)).not.toContain("ann");
  });

  test("P51 a gateway that was lost and is there again answers for its members as before, and they never left", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    enter(a, "ann");
    await cluster.advance(200);
    takeTold(a, b);
    b.nodes.leave("a", "lost");
    await cluster.advance(1000);
    exit(a, "at-a", true);
    b.nodes.join("a");
    await cluster.advance(3 * SETTINGS.grace);
    expect(takeTold(b)).toEqual([["-at-a 2"]]);
    expect(await membersOf(b)).toEqual(["ann", "at-b"]);
  });

  test("P57 nothing is kept of gateways that are gone", async () => {
    const [first] = await cluster.openWithMembers("first");
    for (let i = 0; i < 20; i++) {
      const other = cluster.open(`other${i}`);
      enter(other, `user${i}`);
      await cluster.advance(200);
      await cluster.close(other, i % 2 === 0 ? "lost" : "stopped");
    }
    expect(first.presence.figures.gateways).toBeGreaterThan(5);
    await cluster.advance(2 * SETTINGS.grace);
    expect(first.presence.figures.gateways).toBe(0);
    expect(await membersOf(first)).toEqual(["at-first"]);
  });
});

describe("a gateway whose clock is set back an hour", () => {
  test("P42 P44 tells its changes as before, and asks as before", async () => {
    const clock = new ShiftedClock(cluster.clock);
    const a = cluster.open("a", { clock });
    const b = cluster.open("b");
    await cluster.advance(3000);
    enter(a, "ann");
    await cluster.advance(200);
    clock.shift = -3_600_000;
    enter(a, "bob");
    await cluster.advance(51);
    expect(await membersOf(b)).toEqual(["ann", "bob"]);
    a.bus.cut({ silently: true });
    enter(b, "cid");
    await cluster.advance(200);
    a.bus.restore();
    await cluster.advance(3000);
    expect(await membersOf(a)).toEqual(["ann", "bob", "cid"]);
  });

  test("P49 P50 keeps the members of a gateway that is gone no longer than their grace time", async () => {
    const clock = new ShiftedClock(cluster.clock);
    const a = cluster.open("a", { clock });
    const b = cluster.open("b");
    await cluster.advance(3000);
    enter(b, "bob");
    await cluster.advance(200);
    clock.shift = -3_600_000;
    await cluster.close(b, "lost");
    await cluster.advance(SETTINGS.grace);
    expect(await membersOf(a)).toEqual([]);
  });
});

describe("a gateway that is cut off", () => {
  test("P52 holds the others' members, tells its own changes, and is whole again within a second of its return", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    b.bus.cut();
    expect(b.presence.figures.isWhole).toBe(false);
    enter(a, "ann");
    exit(a, "at-a", true);
    enter(b, "bob");
    await cluster.advance(3 * SETTINGS.grace);
    expect(takeTold(a, b)).toEqual([["+ann -at-a 2"], ["+bob 3"]]);
    expect(await membersOf(b)).toEqual(["at-a", "at-b", "bob"]);
    b.bus.restore();
    await cluster.advance(1200);
    expect(takeTold(a, b)).toEqual([["+bob 3"], ["+ann -at-a 3"]]);
    expect(b.presence.figures.isWhole).toBe(true);
  });

  test("P52 changes that cancel out in their count are found too", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    a.bus.cut();
    enter(a, "ann");
    exit(a, "at-a", true);
    await cluster.advance(500);
    a.bus.restore();
    await cluster.advance(1200);
    expect(await membersOf(b)).toEqual(["ann", "at-b"]);
  });

  test("P52 it answers for 30 s from what it knew, then not", async () => {
    const [, b] = await cluster.openWithMembers("a", "b");
    b.bus.cut();
    await cluster.advance(30_000);
    expect(await membersOf(b)).toEqual(["at-a", "at-b"]);
    await cluster.advance(1);
    expect(await rejection(membersOf(b))).toBeInstanceOf(PresenceUnavailable);
    b.bus.restore();
    await cluster.advance(1200);
    expect(await membersOf(b)).toEqual(["at-a", "at-b"]);
  });

  test("P52 where leases are long it answers for longer, so that a dead gateway keeps nobody from answering", async () => {
    const patient = cluster.open("patient", { maxAge: 100_000 });
    await cluster.advance(1000);
    patient.bus.cut();
    await cluster.advance(100_000);
    expect(await membersOf(patient)).toEqual([]);
    await cluster.advance(1);
    expect(await rejection(membersOf(patient))).toBeInstanceOf(PresenceUnavailable);
  });

  test("P52 one that is cut off without knowing it finds out by the silence, and says so", async () => {
    const [, b] = await cluster.openWithMembers("a", "b");
    b.bus.cut({ silently: true });
    await cluster.advance(10_000);
    expect(b.presence.figures.isWhole).toBe(false);
    expect(b.lines.filter((line) => line.includes("not all gateways can be heard")).length).toBe(1);
    b.bus.restore();
    await cluster.advance(2000);
    expect(b.presence.figures.isWhole).toBe(true);
    expect(b.lines.filter((line) => line.includes("heard again")).length).toBe(1);
  });

  test("P52 after a silence in which nothing happened nobody asks for anything", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    const before = [a.presence.figures.snapshots, b.presence.figures.snapshots];
    b.bus.cut();
    await cluster.advance(10_000);
    b.bus.restore();
    await cluster.advance(2000);
    expect([a.presence.figures.snapshots, b.presence.figures.snapshots]).toEqual(before);
    expect([a.presence.figures.isWhole, b.presence.figures.isWhole]).toEqual([true, true]);
  });

  test("P53 a question to a gateway that does not know all yet waits until it does", async () => {
    const [a] = await cluster.openWithMembers("a");
    enter(a, "ann");
    await cluster.advance(200);
    const late = cluster.open("late");
    const answer = late.presence.query(TOPIC, 10);
    await cluster.advance(500);
    expect((await answer).count).toBe(2);
  });

  test("P53 it waits for 2 s at most", async () => {
    const [a] = await cluster.openWithMembers("a");
    a.bus.cut({ silently: true });
    const late = cluster.open("late");
    const refused = rejection(late.presence.query(TOPIC, 10));
    await cluster.advance(2000);
    expect(await refused).toBeInstanceOf(PresenceUnavailable);
  });

  test("P53 as long as it may not have heard of all others, it waits too", async () => {
    const alone = cluster.open("alone", { settle: 500 });
    let count: number | undefined;
    void alone.presence.query(TOPIC, 10).then((state) => (count = state.count));
    await cluster.advance(499);
    expect(count).toBeUndefined();
    await cluster.advance(1);
    expect(count).toBe(0);
  });

  test("P53 P15 who waits when the presence is closed is refused", async () => {
    const [a] = await cluster.openWithMembers("a");
    a.bus.cut({ silently: true });
    const late = cluster.open("late");
    const refused = rejection(late.presence.query(TOPIC, 10));
    await late.presence.close();
    expect(await refused).toBeInstanceOf(PresenceUnavailable);
  });
});
