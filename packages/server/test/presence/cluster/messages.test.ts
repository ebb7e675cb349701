import { afterEach, describe, expect, test } from "bun:test";
import type { MemoryBus } from "../../../src/adapters/memory/bus.ts";
import { newsOf, readPacket, writePacket, type Head } from "../../../src/presence/cluster/wire.ts";
import { NewsWriter } from "../../../src/presence/cluster/writer.ts";
import { enter, exit, membersOf, TestCluster, TOPIC, type TestGateway } from "./gateways.ts";

let cluster = new TestCluster();
afterEach(async () => {
  await cluster.dispose();
  cluster = new TestCluster();
});

interface Heard {
  readonly at: number;
  readonly head: Head;
  readonly body: string;
  readonly bytes: number;
}

/** A gateway, and all that it says; somebody beside it may listen and ask. */
async function open(): Promise<{ readonly a: TestGateway; readonly heard: Heard[]; readonly bus: MemoryBus }> {
  const a = cluster.open("a");
  const bus = cluster.hub.open();
  const heard: Heard[] = [];
  bus.subscribe(["presence"], (payload) => {
    heard.push({ at: cluster.clock.now(), ...readPacket(payload), bytes: payload.length });
  });
  await cluster.advance(5000);
  heard.length = 0;
  return { a, heard, bus };
}

const changes = (heard: readonly Heard[]) => heard.filter(({ head }) => head.kind === "change");
const pieces = (heard: readonly Heard[]) =>
  heard.filter(({ head }) => ["begin", "more", "end", "whole"].includes(head.kind));
const usersIn = ({ body }: Heard) => newsOf(body).flatMap(({ present }) => present.map(([user]) => user));
const ask = writePacket({ kind: "ask", asker: "somebody" });

describe("what gateways tell one another", () => {
  test("P42 a change is told at once if it was quiet, and then every 50 ms, each member as it is by then", async () => {
    const { a, heard } = await open();
    enter(a, "ann");
    await cluster.advance(0);
    expect(changes(heard).map(usersIn)).toEqual([["ann"]]);
    for (let i = 0; i < 10; i++) {
      enter(a, "bob");
      exit(a, "bob", true);
      enter(a, `user${i}`);
      await cluster.advance(4);
    }
    expect(changes(heard).length).toBe(1);
    await cluster.advance(10);
    const [, second] = changes(heard);
    expect(newsOf(second!.body).map(({ gone, present }) => [gone, present.length])).toEqual([[["bob"], 10]]);
    expect(second!.at - changes(heard)[0]!.at).toBe(50);
  });

  test("P42 P43 a flood leaves in messages that are not long, 16 in 50 ms", async () => {
    const { a, heard } = await open();
    for (let i = 0; i < 40_000; i++) enter(a, `user-${i}`, JSON.stringify({ name: `User ${i}` }));
    await cluster.advance(0);
    expect(changes(heard).length).toBe(16);
    await cluster.advance(1000);
    const all = changes(heard);
    expect(new Set(all.flatMap(usersIn)).size).toBe(40_000);
    expect(Math.max(...all.map(({ bytes }) => bytes))).toBeLessThan(50_000);
    expect(
      Math.max(
        ...Map.groupBy(all, ({ at }) => at)
          .values()
          .map((batch) => batch.length),
      ),
    ).toBe(16);
  });

  test("P43 no message is longer than the bus takes, whatever members say of themselves", async () => {
    const { a, heard } = await open();
    for (let i = 0; i < 1000; i++) enter(a, `\u{10ffff}${"語".repeat(100)}${i}`, `"${"語".repeat(1000)}"`);
    await cluster.advance(1000);
    expect(new Set(changes(heard).flatMap(usersIn)).size).toBe(1000);
    expect(Math.max(...heard.map(({ bytes }) => bytes))).toBeLessThan(200_000);
  });

  test("P43 a bus that takes less gets shorter messages", () => {
    const writer = new NewsWriter(100);
    for (let i = 0; !writer.isFull; i++) writer.present("t", 0, { user: `u${i}`, age: 0, info: undefined });
    const body = writer.take();
    expect(body.length).toBeLessThan(150);
    expect(newsOf(body)[0]!.present.length).toBeGreaterThan(5);
    expect(writer.isEmpty).toBe(true);
    expect(newsOf(writer.take())).toEqual([]);
  });

  test("P44 every second it says its last number and how many members it has", async () => {
    const { a, heard } = await open();
    enter(a, "ann");
    await cluster.advance(3000);
    const [change] = changes(heard);
    const digests = heard.filter(({ head }) => head.kind === "digest");
    expect(digests.length).toBe(3);
    const number = "number" in change!.head ? change!.head.number : -1;
    for (const { head } of digests) expect(head).toEqual({ kind: "digest", owner: "a", number, count: 1 });
  });

  test("P44 it says no digest while there are changes to tell, which the digest would already count", async () => {
    const { a, heard } = await open();
    const isDigest = ({ head }: Heard) => head.kind === "digest";
    for (let i = 0; !heard.some(isDigest); i++) await cluster.advance(1);
    await cluster.advance(980);
    enter(a, "ann");
    await cluster.advance(10);
    enter(a, "bob");
    heard.length = 0;
    await cluster.advance(20);
    expect(heard).toEqual([]);
    await cluster.advance(1000);
    expect(heard.map(({ head }) => head.kind)).toEqual(["change", "digest"]);
  });

  test("P45 a snapshot is told in pieces, with the changes between them, and names all who stay", async () => {
    const { a, heard, bus } = await open();
    for (let i = 0; i < 5000; i++) enter(a, `user${i}`, JSON.stringify("x".repeat(40)));
    await cluster.advance(2000);
    heard.length = 0;
    bus.publish(["presence", "a"], ask);
    for (let i = 0; i < 20; i++) {
      await cluster.advance(10);
      exit(a, `user${i * 3}`, true);
      enter(a, `new${i}`);
    }
    await cluster.advance(1000);
    const said = pieces(heard);
    const kinds = said.map(({ head }) => head.kind);
    expect([kinds[0], kinds.at(-1), new Set(kinds.slice(1, -1))]).toEqual(["begin", "end", new Set(["more"])]);
    expect(said.every(({ at }, i) => i === 0 || at - said[i - 1]!.at === 10)).toBe(true);
    const numbers = heard.flatMap(({ head }) => ("time" in head ? [head.number] : []));
    expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
    const named = new Set(said.flatMap(usersIn));
    for (let i = 0; i < 5000; i++) if (i >= 60 || i % 3 !== 0) expect(named.has(`user${i}`)).toBe(true);
  });

  test("P45 with many gateways the pieces are further apart", async () => {
    const { a, heard, bus } = await open();
    for (let i = 0; i < 12; i++) a.nodes.join(`other${i}`);
    for (let i = 0; i < 5000; i++) enter(a, `user${i}`);
    await cluster.advance(2000);
    heard.length = 0;
    bus.publish(["presence", "a"], ask);
    await cluster.advance(1000);
    const said = pieces(heard);
    expect(said.length).toBeGreaterThan(1);
    expect(said[1]!.at - said[0]!.at).toBe(30);
  });

  test("P45 one snapshot answers all who ask within 50 ms, and two begin in a second at most", async () => {
    const { heard, bus } = await open();
    for (let i = 0; i < 10; i++) bus.publish(["presence", "a"], ask);
    await cluster.advance(49);
    expect(pieces(heard).length).toBe(0);
    await cluster.advance(1);
    expect(pieces(heard).map(({ head }) => head.kind)).toEqual(["whole"]);
    for (let i = 0; i < 100; i++) {
      bus.publish(["presence", "a"], ask);
      await cluster.advance(100);
    }
    expect(pieces(heard).length).toBeLessThanOrEqual(21);
    expect(pieces(heard).length).toBeGreaterThan(15);
  });
});

describe("what was not heard", () => {
  /** Says what a gateway called `x` would. */
  async function speaker() {
    const a = cluster.open("a");
    const bus = cluster.hub.open();
    const asked: number[] = [];
    bus.subscribe(["presence", "x"], () => void asked.push(cluster.clock.now()));
    a.nodes.join("x");
    const time = 0;
    const news = (present: readonly string[], gone: readonly string[] = []) =>
      JSON.stringify([[TOPIC, 1000, present.map((user) => [user, 0]), gone]]);
    const say = async (kind: "change" | "begin" | "more" | "end" | "whole", number: number, body: string) => {
      bus.publish(["presence"], writePacket({ kind, owner: "x", number, time }, body));
      await cluster.advance(0);
    };
    const digest = async (number: number, count: number) => {
      bus.publish(["presence"], writePacket({ kind: "digest", owner: "x", number, count }));
      await cluster.advance(0);
    };
    await cluster.advance(0);
    return { a, bus, asked, news, say, digest };
  }

  test("P44 whoever misses a number asks, and again every second until it is told all", async () => {
    const { a, asked, say, news } = await speaker();
    expect(asked.length).toBe(1);
    await say("whole", 1, news(["ann"]));
    await cluster.advance(2000);
    expect(asked.length).toBe(1);
    await say("change", 3, news(["cid"]));
    await cluster.advance(5000);
    expect(asked.length).toBeGreaterThanOrEqual(5);
    expect(asked.length).toBeLessThanOrEqual(7);
    expect(await membersOf(a)).toEqual(["ann"]);
    await say("whole", 4, news(["bob", "cid"]));
    expect(await membersOf(a)).toEqual(["bob", "cid"]);
    expect(a.presence.figures.holes).toBe(1);
  });

  test("P44 it asks once a second at most, however often numbers are missing", async () => {
    const { asked, say, news } = await speaker();
    await cluster.advance(2000);
    const before = asked.length;
    for (let i = 0; i < 20; i++) {
      await say("whole", 10 * i, news(["ann"]));
      await say("change", 10 * i + 2, news(["bob"]));
      await cluster.advance(100);
    }
    expect(asked.length - before).toBeGreaterThanOrEqual(2);
    expect(asked.length - before).toBeLessThanOrEqual(4);
  });

  test("P44 a last message that was lost is noticed by the digest, and so is a count that differs", async () => {
    const { a, asked, say, digest, news } = await speaker();
    await say("whole", 1, news(["ann"]));
    await cluster.advance(2000);
    const before = asked.length;
    await digest(1, 1);
    expect(asked.length).toBe(before);
    await digest(2, 1);
    expect(asked.length).toBe(before + 1);
    await say("whole", 3, news(["ann"]));
    await cluster.advance(2000);
    await digest(3, 2);
    expect(asked.length).toBe(before + 2);
    expect(a.lines.filter((line) => line.includes("differ from its count")).length).toBe(1);
  });

  test("P44 messages that come twice or late change nothing", async () => {
    const { a, asked, say, digest, news } = await speaker();
    await say("whole", 1, news(["ann"]));
    await say("change", 2, news(["bob"]));
    await say("change", 3, news([], ["ann"]));
    const before = asked.length;
    await say("change", 2, news(["bob", "ann"]));
    await say("whole", 1, news(["ann"]));
    await digest(1, 1);
    await digest(0, 0);
    await cluster.advance(3000);
    expect(await membersOf(a)).toEqual(["bob"]);
    expect(asked.length).toBe(before);
  });

  test("P45 what a snapshot does not name is over at its end, but for what changes said since its begin", async () => {
    const { a, say, news } = await speaker();
    await say("whole", 1, news(["ann", "bob", "cid"]));
    await say("change", 5, news([]));
    await say("begin", 6, news(["ann"]));
    await say("change", 7, news(["dan"], ["ann"]));
    await say("more", 8, news(["eve"]));
    expect(await membersOf(a)).toEqual(["bob", "cid", "dan", "eve"]);
    await say("end", 9, news(["bob"]));
    expect(await membersOf(a)).toEqual(["bob", "dan", "eve"]);
  });

  test("P45 a snapshot of which a piece was missed is of no use", async () => {
    const { a, say, news } = await speaker();
    await say("whole", 1, news(["ann", "bob"]));
    await say("begin", 5, news(["ann"]));
    await say("end", 7, news(["cid"]));
    expect((await membersOf(a)).includes("bob")).toBe(true);
    await say("begin", 8, news(["ann"]));
    await say("end", 9, news([]));
    expect(await membersOf(a)).toEqual(["ann"]);
  });

  test("P45 whoever has heard all passes a snapshot for others over", async () => {
    const { a, say, news } = await speaker();
    await say("whole", 1, news(["ann"]));
    await say("begin", 2, "this is not even read");
    await say("end", 3, "nor this");
    await say("change", 4, news(["bob"]));
    expect(await membersOf(a)).toEqual(["ann", "bob"]);
    expect(a.lines).toEqual([]);
  });

  test("P54 what cannot be read is ignored, logged once in 10 s, and made up for by a snapshot", async () => {
    const { a, bus, asked, say, news } = await speaker();
    await say("whole", 1, news(["ann"]));
    await cluster.advance(2000);
    const before = asked.length;
    await say("change", 2, '[["",0,[],[]]]');
    await say("change", 3, '[["t",0,[["ann",0,{}]],[]]]');
    bus.publish(["presence"], new Uint8Array([0xff, 0xfe]));
    bus.publish(["presence"], new TextEncoder().encode("2 change x 3 4\n[]"));
    bus.publish(["presence", "a"], new TextEncoder().encode("what?"));
    await cluster.advance(5000);
    expect(asked.length).toBeGreaterThan(before);
    expect(a.lines.filter((line) => line.includes("were ignored")).length).toBe(1);
    expect(await membersOf(a)).toEqual(["ann"]);
    await say("whole", 9, news(["bob"]));
    expect(await membersOf(a)).toEqual(["bob"]);
  });

  test("P54 what somebody says who is no node is ignored", async () => {
    const { a, bus } = await speaker();
    const body = JSON.stringify([[TOPIC, 1000, [["ann", 0]], []]]);
    bus.publish(["presence"], writePacket({ kind: "whole", owner: "stranger", number: 1, time: 0 }, body));
    bus.publish(["presence"], writePacket({ kind: "whole", owner: "a", number: 1_000_000, time: 0 }, body));
    await cluster.advance(1000);
    expect(a.presence.figures.topics).toBe(0);
  });
});
