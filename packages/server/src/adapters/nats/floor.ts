import type { Clock } from "../../clock.ts";
import { LogUnavailable, type RetentionOf } from "../../log/log.ts";
import { parseAck } from "./ack.ts";
import type { Direct, Raw } from "./direct.ts";
import type { Exchange } from "./exchange.ts";
import { encodeHead } from "./head.ts";
import { findRank, firstFrom, remaining } from "./rank.ts";
import { recordOf } from "./record.ts";
import type { Subjects } from "./subjects.ts";

export interface FloorParts {
  readonly clock: Clock;
  readonly direct: Direct;
  readonly subjects: Subjects;
  readonly retention: RetentionOf;
}

/** Offset of the newest message that the retention does not cover; 0 if it covers all. `oldest`: of those in sight. */
export async function floorOf(parts: FloorParts, topic: string, oldest: Raw): Promise<number> {
  const { clock, direct, subjects, retention } = parts;
  const { size, age } = retention(topic);
  const subject = subjects.of("m", topic);
  const bySize = remaining(oldest) > size ? await lastBeyond(direct, oldest, { subject, size }) : 0;
  const limit = clock.now() - age;
  const isOld = recordOf(oldest).at <= limit;
  return Math.max(bySize, isOld ? await lastBefore(parts, oldest, { subject, time: limit }) : 0);
}

/** Writes down up to which offset messages are out of sight: one message for a subject, in place of the one before. */
export async function putFloor(exchange: Exchange, subject: string, floor: number): Promise<void> {
  const head = encodeHead([["Nats-Rollup", "sub"]]);
  const [answer] = await exchange.ask(subject, String(floor), { head });
  const ack = parseAck(answer);
  if (ack.kind === "refused") throw new LogUnavailable(`the log was not trimmed: ${ack.why}`);
}

interface Beyond {
  readonly subject: string;
  readonly size: number;
}

/** The newest message with at least `size` after it. */
async function lastBeyond(direct: Direct, oldest: Raw, { subject, size }: Beyond): Promise<number> {
  const found = await findRank(direct, { subject, first: oldest, rank: size + 1 });
  if (found === undefined || found.after < size) return 0;
  const raws = await direct.from(found.raw.seq, subject, found.after - size + 1);
  return raws.findLast((raw) => raw.pending >= size)?.seq ?? 0;
}

interface Before {
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The newest message that was stored at a time or before. Times follow the order but for the difference of clocks. */
async function lastBefore({ direct, subjects }: FloorParts, oldest: Raw, { subject, time }: Before): Promise<number> {
  let low = oldest.seq;
  let high = ((await direct.last(subjects.all))?.seq ?? low) + 1;
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    const found = await firstFrom(direct, middle, subject);
    if (found !== undefined && found.seq < high && recordOf(found).at <= time) low = found.seq;
    else high = middle;
  }
  return low;
}
