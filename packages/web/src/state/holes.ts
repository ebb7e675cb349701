import type { Gap, Message } from "@tidegate/client";
import { type Hole, lastOffset, merged, type Timeline } from "./timeline.ts";

const MAX_HOLES = 20;

/** The subscription says that messages are missing. */
export function gapped(timeline: Timeline, { after, to }: Pick<Gap, "after" | "to">): Timeline {
  const hole: Hole = {
    era: timeline.era,
    after: after ?? lastOffset(timeline),
    to,
    state: to === undefined ? "gone" : "open",
  };
  if (timeline.holes.some((each) => same(each, hole))) return timeline;
  return { ...timeline, holes: [...timeline.holes, hole].slice(-MAX_HOLES) };
}

export function fillingHole(timeline: Timeline, hole: Hole): Timeline {
  return replaced(timeline, hole, [{ ...hole, state: "loading" }]);
}

/** The history could not be asked. */
export function fillFailed(timeline: Timeline, hole: Hole): Timeline {
  return replaced(timeline, hole, [{ ...hole, state: "open" }]);
}

/**
 * What the history has after the hole's begin. The hole is closed if that reaches its end, shrinks if more is to be had,
 * and stays as gone if the server keeps nothing of it any more.
 */
export function filled(timeline: Timeline, hole: Hole, page: HolePage): Timeline {
  const { messages, more, complete } = page;
  const end = hole.to ?? Infinity;
  const inside = messages.filter(({ offset }) => offset <= end);
  const next = inside.at(-1)?.offset ?? hole.after;
  const rest: Hole[] = [];
  if (!complete) rest.push({ ...hole, state: "gone" });
  if (more && next < end && inside.length === messages.length) rest.push({ ...hole, after: next, state: "open" });
  return merged(replaced(timeline, hole, rest), inside);
}

export interface HolePage {
  readonly messages: readonly Message[];
  readonly more: boolean;
  readonly complete: boolean;
}

function replaced(timeline: Timeline, hole: Hole, by: readonly Hole[]): Timeline {
  return { ...timeline, holes: timeline.holes.flatMap((each) => (same(each, hole) ? by : [each])) };
}

function same(a: Hole, b: Hole): boolean {
  return a.era === b.era && a.after === b.after && a.to === b.to;
}
