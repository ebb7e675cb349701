import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Malformed, newsOf, readPacket, writePacket, type Head } from "../../../src/presence/cluster/wire.ts";
import { NewsWriter } from "../../../src/presence/cluster/writer.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const MOST = Number.MAX_SAFE_INTEGER;

function faultOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
  return "no fault";
}

describe("the text of messages", () => {
  test("P54 whatever arrives is read or refused as malformed", () => {
    const anyText = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .tuple(fc.constantFrom("change", "begin", "end", "digest", "ask"), fc.json())
        .map(([kind, json]) => `1 ${kind} x 1 2\n${json}`),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          anyText.map((text) => new TextEncoder().encode(text)),
        ),
        (payload) => {
          try {
            newsOf(readPacket(payload).body);
          } catch (error) {
            expect(error).toBeInstanceOf(Malformed);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["1 ask a", "it has no first line"],
    ["2 ask a\n", "its version is not 1"],
    ["1 ask\n", "it names no gateway"],
    ["1 change  1 2\n", "it names no gateway"],
    ["1 shout x 1 2\n", "its kind is not known"],
    ...["-1 2", "1.5 2", `${MOST + 1} 2`, "x 2", " 2", "1", "1 -2"].map((numbers) => [
      `1 change x ${numbers}\n`,
      "a number in its first line is none",
    ]),
    ["1 digest x 1 many\n", "a number in its first line is none"],
  ])("P54 the first line %j: %s", (text, fault) => {
    expect(faultOf(() => readPacket(bytes(text)))).toBe(fault);
  });

  test.each([
    ["[", "its JSON is none"],
    ["{}", "its topics are no list"],
    ["[{}]", "a topic is no list"],
    ['[["",0,[],[]]]', "a topic has no name"],
    ["[[1,0,[],[]]]", "a topic has no name"],
    ...['"0"', "-1", "3600001", "null"].map((grace) => [`[["t",${grace},[],[]]]`, "a grace time is out of range"]),
    ...["{}", "[{}]", "[[]]", "[[1,0]]", '[["u","0"]]', '[["u",0,1]]'].map((present) => [
      `[["t",0,${present},[]]]`,
      "a member is none",
    ]),
    ...["{}", "[1]"].map((gone) => [`[["t",0,[],${gone}]]`, "a user is no text"]),
  ])("P54 the topics %s: %s", (body, fault) => {
    expect(faultOf(() => newsOf(body))).toBe(fault);
  });

  test("P54 what is not UTF-8 is refused, and what is at the edge is taken", () => {
    expect(faultOf(() => readPacket(Uint8Array.of(0x31, 0x20, 0xff, 0x0a)))).toBe("it is not UTF-8");
    expect(readPacket(writePacket({ kind: "ask", asker: "a" }))).toEqual({
      head: { kind: "ask", asker: "a" },
      body: "",
    });
    const digest = { kind: "digest", owner: "x", number: MOST, count: 0 } as const;
    expect(readPacket(writePacket(digest)).head).toEqual(digest);
    expect(newsOf('[["t",0,[["u",-5,"i"]],["v"]],["s",3600000,[],[]]]')).toEqual([
      { topic: "t", grace: 0, present: [["u", -5, "i"]], gone: ["v"] },
      { topic: "s", grace: 3_600_000, present: [], gone: [] },
    ]);
  });

  test("P43 what is written is read, whatever users and topics are called", () => {
    const text = fc.string({ unit: "binary", minLength: 1 });
    const member = fc.record({
      topic: text,
      grace: fc.nat(3_600_000),
      user: text,
      age: fc.integer(),
      info: fc.option(text, { nil: undefined }),
      isGone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(member), (members) => {
        const writer = new NewsWriter(1_000_000);
        for (const { topic, grace, user, age, info, isGone } of members)
          if (isGone) writer.gone(topic, user);
          else writer.present(topic, grace, { user, age, info });
        const head: Head = { kind: "change", owner: "x", number: 7, time: 1_700_000_000_000 };
        const packet = readPacket(writePacket(head, writer.take()));
        expect(packet.head).toEqual(head);
        const read = newsOf(packet.body).flatMap(({ topic, present, gone }) => [
          ...present.map(([user, age, info]) => JSON.stringify([topic, user, age, info])),
          ...gone.map((user) => JSON.stringify([topic, user])),
        ]);
        const written = members.map(({ topic, user, age, info, isGone }) =>
          JSON.stringify(isGone ? [topic, user] : [topic, user, age, info]),
        );
        expect(read.toSorted()).toEqual(written.toSorted());
      }),
    );
  });
});
