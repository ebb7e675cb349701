import type { Message, TidegateError } from "@tidegate/client";
import type { Body } from "./content.ts";

/** Messages kept of one room; the oldest go first, and come back by "load older". */
export const MAX_LINES = 2000;
/** How many stay when there are too many: not one by one, so that the list does not jump with each message. */
const KEPT_LINES = 1500;
const MAX_NOTICES = 50;

/** A stored message. Offsets compare only within an era: a new one begins when the server's log was made anew. */
export interface Line {
  readonly era: number;
  readonly message: Message;
}

/** Messages that did not come. */
export interface Hole {
  readonly era: number;
  readonly after: number;
  /** Undefined if they are of a log that is no more. */
  readonly to: number | undefined;
  readonly state: "open" | "loading" | "gone";
}

export interface Notice {
  readonly era: number;
  readonly after: number;
  readonly id: number;
  readonly kind: "join" | "leave";
  readonly names: readonly string[];
}

/** A message of this page that has not come back yet. */
export interface Outgoing {
  readonly id: string;
  readonly body: Body;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly status: "sending" | "sent" | "failed";
  readonly fault?: string;
}

export interface Timeline {
  readonly epoch: string | undefined;
  readonly era: number;
  /** In order. */
  readonly lines: readonly Line[];
  readonly holes: readonly Hole[];
  readonly notices: readonly Notice[];
  readonly outgoing: readonly Outgoing[];
  /** Whether the server has older messages. `full`: no more are shown at once. */
  readonly older: "unknown" | "more" | "loading" | "none" | "full";
  /** The first answer of the server was there. */
  readonly ready: boolean;
  readonly refused: string | undefined;
}

export const EMPTY_TIMELINE: Timeline = {
  epoch: undefined,
  era: 0,
  lines: [],
  holes: [],
  notices: [],
  outgoing: [],
  older: "unknown",
  ready: false,
  refused: undefined,
};

export function lastOffset({ lines, era }: Timeline): number {
  const last = lines.at(-1);
  return last?.era === era ? last.message.offset : 0;
}

/** The subscription is live: whether older messages exist is seen in the first one's predecessor. */
export function opened(timeline: Timeline): Timeline {
  if (timeline.ready) return timeline;
  const first = timeline.lines[0]?.message;
  return { ...timeline, ready: true, older: first === undefined || first.previous === 0 ? "none" : "more" };
}

/** A message of the subscription. `epoch` is that of the subscription's position. */
export function received(timeline: Timeline, message: Message, epoch: string | undefined): Timeline {
  const at = inEpoch(timeline, epoch);
  const lines = inserted(at.lines, { era: at.era, message });
  const outgoing = at.outgoing.filter(({ id }) => id !== message.id);
  const cut = lines.length > MAX_LINES;
  return { ...at, outgoing, lines: cut ? lines.slice(-KEPT_LINES) : lines, older: cut ? "more" : at.older };
}

/** Messages from the history, from any place of the current era. */
export function merged(timeline: Timeline, messages: readonly Message[]): Timeline {
  const { era } = timeline;
  const lines = messages.reduce((all, message) => inserted(all, { era, message }), timeline.lines);
  const ids = new Set(messages.map(({ id }) => id));
  return { ...timeline, lines, outgoing: timeline.outgoing.filter(({ id }) => !ids.has(id)) };
}

/** The next older page came. */
export function prepended(timeline: Timeline, messages: readonly Message[], more: boolean): Timeline {
  const all = merged(timeline, messages);
  if (all.lines.length >= MAX_LINES) return { ...all, older: "full" };
  return { ...all, older: more ? "more" : "none" };
}

export function olderLoading(timeline: Timeline): Timeline {
  return { ...timeline, older: "loading" };
}

export function refused(timeline: Timeline, error: Pick<TidegateError, "message">): Timeline {
  return { ...timeline, ready: true, older: "none", refused: error.message };
}

export function noticed(timeline: Timeline, kind: Notice["kind"], names: readonly string[]): Timeline {
  // Before the first messages are there it has no place.
  if (!timeline.ready) return timeline;
  const id = (timeline.notices.at(-1)?.id ?? 0) + 1;
  const notice = { era: timeline.era, after: lastOffset(timeline), id, kind, names };
  return { ...timeline, notices: [...timeline.notices, notice].slice(-MAX_NOTICES) };
}

/** A new log has offsets of its own, which begin below those of the old one. */
function inEpoch(timeline: Timeline, epoch: string | undefined): Timeline {
  if (epoch === undefined || epoch === timeline.epoch) return timeline;
  return { ...timeline, epoch, era: timeline.epoch === undefined ? timeline.era : timeline.era + 1 };
}

/** Nearly always at the end; a message that is there already changes nothing. */
function inserted(lines: readonly Line[], line: Line): readonly Line[] {
  let at = lines.length;
  while (at > 0 && order(lines[at - 1], line) > 0) at--;
  const before = lines[at - 1];
  if (before !== undefined && order(before, line) === 0) return lines;
  return lines.toSpliced(at, 0, line);
}

function order(a: Line | undefined, b: Line): number {
  if (a === undefined) return -1;
  return a.era - b.era || a.message.offset - b.message.offset;
}
