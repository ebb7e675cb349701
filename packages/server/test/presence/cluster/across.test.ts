import { afterEach, describe, expect, test } from "bun:test";
import { enter, exit, membersOf, SETTINGS, takeTold, TestCluster } from "./gateways.ts";

let cluster = new TestCluster();
afterEach(async () => {
  await cluster.dispose();
  cluster = new TestCluster();
});

describe("presence across gateways", () => {
  test("P40 each gateway answers with the members of all, and tells of them", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    enter(a, "ann", '"hi"');
    await cluster.advance(0);
    expect(takeTold(a, b)).toEqual([["+ann 3"], ["+ann 3"]]);
    expect(await membersOf(a)).toEqual(['ann="hi"', "at-a", "at-b"]);
    expect(await membersOf(b)).toEqual(['ann="hi"', "at-a", "at-b"]);
    exit(a, "ann", true);
    await cluster.advance(200);
    expect(takeTold(a, b)).toEqual([["-ann 2"], ["-ann 2"]]);
  });

  test("P40 a gateway that starts late knows those who were there before", async () => {
    const [a] = await cluster.openWithMembers("a");
    for (let i = 0; i < 500; i++) enter(a, `user${i}`);
    await cluster.advance(1000);
    const late = cluster.open("late");
    await cluster.advance(200);
    expect((await membersOf(late)).length).toBe(501);
  });

  test("P41 a user on two gateways joins with the first session and leaves with the last", async () => {
    const [a, b, c] = await cluster.openWithMembers("a", "b", "c");
    enter(a, "ann");
    await cluster.advance(200);
    expect(takeTold(a, b, c)).toEqual([["+ann 4"], ["+ann 4"], ["+ann 4"]]);
    enter(b, "ann");
    await cluster.advance(200);
    exit(a, "ann", true);
    await cluster.advance(200);
    expect(takeTold(a, b, c)).toEqual([[], [], []]);
    expect(await membersOf(c)).toContain("ann");
    exit(b, "ann", true);
    await cluster.advance(200);
    expect(takeTold(a, b, c)).toEqual([["-ann 3"], ["-ann 3"], ["-ann 3"]]);
  });

  test("P46 whoever is lost on one gateway and comes back on another within the grace time never left", async () => {
    const [a, b, c] = await cluster.openWithMembers("a", "b", "c");
    enter(a, "ann");
    await cluster.advance(200);
    takeTold(a, b, c);
    exit(a, "ann");
    await cluster.advance(SETTINGS.grace - 1);
    enter(b, "ann");
    await cluster.advance(3 * SETTINGS.grace);
    expect(takeTold(a, b, c)).toEqual([[], [], []]);
    for (const gateway of [a, b, c]) expect(await membersOf(gateway)).toContain("ann");
  });

  test("P46 whoever does not come back leaves everywhere when the grace time is over", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    enter(a, "ann");
    await cluster.advance(200);
    exit(a, "ann");
    await cluster.advance(SETTINGS.grace - 1);
    expect(await membersOf(b)).toContain("ann");
    takeTold(a, b);
    await cluster.advance(1);
    expect(takeTold(a, b)).toEqual([["-ann 2"], ["-ann 2"]]);
  });

  test("P47 a second after it came back on another gateway, only that one answers for the user", async () => {
    const [a, b, c] = await cluster.openWithMembers("a", "b", "c");
    enter(a, "ann");
    await cluster.advance(200);
    exit(a, "ann");
    enter(b, "ann");
    await cluster.advance(200);
    takeTold(a, b, c);
    exit(b, "ann", true);
    await cluster.advance(700);
    expect(await membersOf(c)).toContain("ann");
    await cluster.advance(200);
    expect(takeTold(a, b, c)).toEqual([["-ann 3"], ["-ann 3"], ["-ann 3"]]);
  });

  test("P48 what the session that entered last says holds on all gateways, whoever is told of it when", async () => {
    const [a, b, c] = await cluster.openWithMembers("a", "b", "c");
    enter(b, "ann", '"second"', "s2");
    await cluster.advance(10);
    enter(a, "ann", '"third"', "s1");
    await cluster.advance(200);
    for (const gateway of [a, b, c]) expect(await membersOf(gateway)).toContain('ann="third"');
    const late = cluster.open("late");
    await cluster.advance(500);
    expect(await membersOf(late)).toContain('ann="third"');
    exit(a, "ann", true, "s1");
    await cluster.advance(200);
    for (const gateway of [a, b, c, late]) expect(await membersOf(gateway)).toContain('ann="second"');
    expect(takeTold(a)).toEqual([["+ann 4"]]);
  });

  test("P48 a session that enters again with what it said before says it last", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    enter(a, "ann", '"a"');
    await cluster.advance(100);
    enter(b, "ann", '"b"');
    await cluster.advance(100);
    enter(a, "ann", '"a"');
    await cluster.advance(100);
    for (const gateway of [a, b]) expect(await membersOf(gateway)).toContain('ann="a"');
  });

  test("P55 a gateway without sessions in a topic tells nothing of it, and knows its members", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    a.presence.enter("chat/other", "s", { user: "ann", info: undefined }, SETTINGS);
    await cluster.advance(1000);
    expect(takeTold(a, b)).toEqual([["+ann 1"], []]);
    expect(await membersOf(b, "chat/other")).toEqual(["ann"]);
  });

  test("P55 when the last session here has gone, and its grace time is over, nothing is told any more", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    exit(b, "at-b");
    await cluster.advance(SETTINGS.grace + 200);
    expect(takeTold(a, b)).toEqual([["-at-b 1"], ["-at-b 1"]]);
    enter(a, "ann");
    await cluster.advance(200);
    expect(takeTold(a, b)).toEqual([["+ann 2"], []]);
  });

  test("P57 nothing is kept of an empty topic", async () => {
    const [a, b] = await cluster.openWithMembers("a", "b");
    for (let i = 0; i < 1000; i++) a.presence.enter(`chat/${i}`, "s", { user: "ann", info: undefined }, SETTINGS);
    await cluster.advance(1000);
    expect(b.presence.figures.topics).toBe(1001);
    for (let i = 0; i < 1000; i++) a.presence.exit(`chat/${i}`, "s", i % 2 === 0);
    await cluster.advance(2 * SETTINGS.grace);
    expect([a.presence.figures.topics, b.presence.figures.topics]).toEqual([1, 1]);
    expect(a.presence.figures.own).toBe(1);
  });
});
