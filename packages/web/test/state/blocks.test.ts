import { expect, test } from "bun:test";
import type { Message } from "@tidegate/client";
import { type Block, blocksOf } from "../../src/state/blocks.ts";
import { gapped } from "../../src/state/holes.ts";
import { clockText, dayKey, dayText } from "../../src/state/moments.ts";
import { noticeText } from "../../src/state/notice-text.ts";
import { sending } from "../../src/state/outgoing.ts";
import { EMPTY_TIMELINE, noticed, opened, received, type Timeline } from "../../src/state/timeline.ts";
import { by } from "../support/messages.ts";

const DAY = 86_400_000;

function timelineOf(...messages: Message[]): Timeline {
  return messages.reduce((timeline, each) => received(timeline, each, "e"), EMPTY_TIMELINE);
}

function blocks(timeline: Timeline, newAfter?: number): readonly Block[] {
  return blocksOf(timeline, { me: "id:me", dayOf: (time) => String(Math.floor(time / DAY)), newAfter });
}

/** A short form: `bea(2)`, `me!(1)` for the own one, `day`, `new` … */
function shape(all: readonly Block[]): string {
  return all
    .map((block) =>
      block.kind === "group" ? `${block.sender.name}${block.own ? "!" : ""}(${block.items.length})` : block.kind,
    )
    .join(" ");
}

test("U26 messages of one person are one group; another person, or another name, begins a new one", () => {
  const renamed = by("a", 4, { data: { text: "x", name: "Ann", sender: "a" } });
  expect(shape(blocks(timelineOf(by("a", 1), by("a", 2), by("me", 3), renamed)))).toBe("day a(2) me!(1) Ann(1)");
});

test("U26 five minutes of silence begin a new group", () => {
  const time = 1000;
  const at = (offset: number, later: number) => by("a", offset, { time: time + later });
  expect(shape(blocks(timelineOf(at(1, 0), at(2, 299_999), at(3, 599_999))))).toBe("day a(2) a(1)");
});

test("U26 a day begins with a line, and with a new group", () => {
  expect(shape(blocks(timelineOf(by("a", 1, { time: DAY - 1 }), by("a", 2, { time: DAY }))))).toBe("day a(1) day a(1)");
});

test("U26 own messages that are under way stand at the end, in the own group", () => {
  const out = { id: "o", body: { text: "hi", name: "me", sender: "me" }, time: by("me", 1).time };
  const all = blocks(sending(timelineOf(by("me", 1)), out));
  expect(shape(all)).toBe("day me!(2)");
  expect(all[1]).toMatchObject({ items: [{ outgoing: undefined }, { key: "o", outgoing: { status: "sending" } }] });
});

test("U26 a message keeps its key when it is stored", () => {
  const out = { id: "o", body: { text: "hi", name: "me", sender: "me" }, time: 1 };
  const before = blocks(sending(EMPTY_TIMELINE, out));
  const after = blocks(received(sending(EMPTY_TIMELINE, out), by("me", 1, { id: "o", time: 1 }), "e"));
  expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key));
});

test("U27 the line New stands before the first unread message of others", () => {
  const timeline = timelineOf(by("a", 1), by("me", 2), by("a", 3), by("a", 4));
  expect(shape(blocks(timeline, 1))).toBe("day a(1) me!(1) new a(2)");
  expect(shape(blocks(timeline, 4))).toBe("day a(1) me!(1) a(2)");
});

test("U25 U28 holes and notices stand behind the message that they follow", () => {
  let timeline = opened(timelineOf(by("a", 1)));
  timeline = noticed(timeline, "join", ["Bea"]);
  timeline = noticed(timeline, "leave", ["Cem"]);
  timeline = received(gapped(timeline, { after: 1, to: 8 }), by("a", 9), "e");
  expect(shape(blocks(timeline))).toBe("day a(1) hole notice a(1)");
});

test("U28 a row of changes is one sentence", () => {
  const of = (...changes: ["join" | "leave", ...string[]][]) =>
    noticeText(changes.map(([kind, ...names], id) => ({ era: 0, after: 0, id, kind, names })));
  expect(of(["join", "Ada"])).toBe("Ada joined");
  expect(of(["join", "Ada", "Bea"], ["leave", "Cem"])).toBe("Ada and Bea joined · Cem left");
  expect(of(["join", "Ada"], ["join", "Bea", "Cem"])).toBe("Ada, Bea and Cem joined");
  expect(of(["join", "a", "b", "c", "d", "e"])).toBe("a, b and 3 others joined");
  expect(of(["join", "Ada"], ["leave", "Ada"])).toBe("");
});

test("U29 days have words", () => {
  const noon = new Date(2026, 2, 1, 12).getTime();
  const words = [noon, noon - DAY, noon - 2 * DAY, new Date(2025, 11, 24).getTime()].map((time) =>
    dayText(time, noon, "en-GB"),
  );
  expect(words).toEqual([
    "Today",
    "Yesterday",
    expect.stringMatching(/^Friday,? 27 February$/),
    expect.stringMatching(/^Wednesday,? 24 December 2025$/),
  ]);
  expect(clockText(noon, "en-GB")).toBe("12:00");
  expect(dayKey(noon)).toBe(dayKey(noon + 1000));
});
