import { type Content, contentOf, senderOf, type Sender } from "./content.ts";
import type { Hole, Line, Notice, Outgoing, Timeline } from "./timeline.ts";

/** Milliseconds after which one person's next message gets a head of its own. */
const PAUSE = 5 * 60_000;

export interface Item {
  readonly key: string;
  readonly content: Content;
  readonly time: number;
  /** Undefined for what came from the server. */
  readonly outgoing: Outgoing | undefined;
}

export interface Group {
  readonly kind: "group";
  readonly key: string;
  readonly sender: Sender;
  readonly own: boolean;
  readonly items: readonly Item[];
}

/** What the list of messages is drawn from, top to bottom. */
export type Block =
  | Group
  | { readonly kind: "day"; readonly key: string; readonly time: number }
  | { readonly kind: "new"; readonly key: string }
  | { readonly kind: "hole"; readonly key: string; readonly hole: Hole }
  | { readonly kind: "notice"; readonly key: string; readonly notices: readonly Notice[] };

export interface BlockOptions {
  /** Key of the own person. */
  readonly me: string;
  /** A text that is the same for all moments of one day, where the person is. */
  readonly dayOf: (time: number) => string;
  /** The line "new" comes before the first message of others above this offset. */
  readonly newAfter: number | undefined;
}

type Event =
  | { readonly kind: "line"; readonly line: Line }
  | { readonly kind: "hole"; readonly hole: Hole }
  | { readonly kind: "notice"; readonly notice: Notice };

interface Draft {
  readonly blocks: Block[];
  day: string | undefined;
  newShown: boolean;
}

export function blocksOf(timeline: Timeline, options: BlockOptions): readonly Block[] {
  const draft: Draft = { blocks: [], day: undefined, newShown: options.newAfter === undefined };
  for (const event of eventsOf(timeline)) {
    if (event.kind === "hole") draft.blocks.push({ kind: "hole", key: holeKey(event.hole), hole: event.hole });
    else if (event.kind === "notice") addNotice(draft, event.notice);
    else addLine(draft, event.line, timeline.era, options);
  }
  for (const outgoing of timeline.outgoing) addOutgoing(draft, outgoing, options);
  return draft.blocks;
}

/** Lines are in order already; the few others are sorted in behind the line that they follow. */
function eventsOf({ lines, holes, notices }: Timeline): readonly Event[] {
  const others = [
    ...holes.map((hole) => ({ era: hole.era, after: hole.after, event: { kind: "hole", hole } as const })),
    ...notices.map((notice) => ({ era: notice.era, after: notice.after, event: { kind: "notice", notice } as const })),
  ].sort((a, b) => a.era - b.era || a.after - b.after);
  const events: Event[] = [];
  let next = 0;
  for (const line of lines) {
    for (let other = others[next]; other !== undefined && isBefore(other, line); other = others[++next])
      events.push(other.event);
    events.push({ kind: "line", line });
  }
  return [...events, ...others.slice(next).map(({ event }) => event)];
}

function isBefore(other: { readonly era: number; readonly after: number }, { era, message }: Line): boolean {
  return other.era < era || (other.era === era && other.after < message.offset);
}

function addLine(draft: Draft, { era, message }: Line, currentEra: number, options: BlockOptions): void {
  const sender = senderOf(message);
  startDay(draft, message.time, options);
  const isNew = era === currentEra && message.offset > (options.newAfter ?? Infinity);
  if (!draft.newShown && isNew && sender.key !== options.me) {
    draft.newShown = true;
    draft.blocks.push({ kind: "new", key: "new" });
  }
  const key = message.id ?? `${era}:${message.offset}`;
  addItem(draft, sender, { key, content: contentOf(message), time: message.time, outgoing: undefined }, options);
}

function addOutgoing(draft: Draft, outgoing: Outgoing, options: BlockOptions): void {
  const { id, body, time } = outgoing;
  startDay(draft, time, options);
  const item: Item = { key: id, content: { kind: "text", text: body.text }, time, outgoing };
  addItem(draft, { key: options.me, name: body.name }, item, options);
}

function startDay({ blocks, day }: Draft, time: number, { dayOf }: BlockOptions): void {
  const now = dayOf(time);
  if (now !== day) blocks.push({ kind: "day", key: `day:${now}`, time });
}

function addItem(draft: Draft, sender: Sender, item: Item, { me, dayOf }: BlockOptions): void {
  const { blocks } = draft;
  draft.day = dayOf(item.time);
  const last = blocks.at(-1);
  if (last?.kind === "group" && continues(last, sender, item))
    blocks[blocks.length - 1] = { ...last, items: [...last.items, item] };
  else blocks.push({ kind: "group", key: `by:${item.key}`, sender, own: sender.key === me, items: [item] });
}

function continues(group: Group, sender: Sender, item: Item): boolean {
  const before = group.items.at(-1)?.time ?? 0;
  return group.sender.key === sender.key && group.sender.name === sender.name && Math.abs(item.time - before) < PAUSE;
}

function addNotice({ blocks }: Draft, notice: Notice): void {
  const last = blocks.at(-1);
  if (last?.kind === "notice") blocks[blocks.length - 1] = { ...last, notices: [...last.notices, notice] };
  else blocks.push({ kind: "notice", key: `notice:${notice.id}`, notices: [notice] });
}

function holeKey({ era, after, to }: Hole): string {
  return `hole:${era}:${after}:${to}`;
}
