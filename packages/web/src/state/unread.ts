import { senderOf } from "./content.ts";
import { lastOffset, type Timeline } from "./timeline.ts";

/** Up to where a room was read. Of another epoch it says nothing: then all is new. */
export interface ReadMark {
  readonly epoch: string;
  readonly offset: number;
}

/** The mark of somebody who sees the room's newest message; undefined if there is no message yet. */
export function markOf(timeline: Timeline): ReadMark | undefined {
  const { epoch } = timeline;
  const offset = lastOffset(timeline);
  return epoch === undefined || offset === 0 ? undefined : { epoch, offset };
}

/** The offset after which lines of the current era are new. */
export function readUpTo({ epoch }: Timeline, mark: ReadMark | undefined): number {
  return mark !== undefined && mark.epoch === epoch ? mark.offset : 0;
}

/** Messages of others that were not seen. */
export function unreadCount(timeline: Timeline, mark: ReadMark | undefined, me: string): number {
  const from = readUpTo(timeline, mark);
  let count = 0;
  for (let i = timeline.lines.length - 1; i >= 0; i--) {
    const line = timeline.lines[i];
    if (line === undefined || line.era !== timeline.era || line.message.offset <= from) break;
    if (senderOf(line.message).key !== me) count++;
  }
  return count;
}

/** What the badge says. */
export function badge(count: number): string {
  return count > 99 ? "99+" : String(count);
}
