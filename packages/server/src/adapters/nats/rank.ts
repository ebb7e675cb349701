import type { Direct, Raw } from "./direct.ts";

export interface RankQuery {
  readonly subject: string;
  /** The oldest message that counts. */
  readonly first: Raw | undefined;
  /** Messages from this sequence on do not count; undefined: all do. */
  readonly end?: number;
  /** Counted from the newest, which is 1. */
  readonly rank: number;
}

/** A message, and how many that count come after it. */
export interface Ranked {
  readonly raw: Raw;
  readonly after: number;
}

/**
 * The message with a rank, or one before it, by at most `SLACK` messages; the first if there are fewer. The server says how many
 * messages of a subject come after each one, so a few questions find it among millions. Each of them, and each message that
 * is read, costs the server a look through those of other subjects in between (bench/nats-trim.ts).
 */
export async function findRank(direct: Direct, { subject, first, end, rank }: RankQuery): Promise<Ranked | undefined> {
  if (first === undefined) return undefined;
  const beyond = end === undefined ? 0 : remaining(await firstFrom(direct, end, subject));
  const rankOf = (raw: Raw | undefined): number => remaining(raw) - beyond;
  let low = first;
  if (rankOf(low) > rank + SLACK) {
    let high = Math.min(end ?? Infinity, ((await direct.last(subject))?.seq ?? low.seq) + 1);
    for (let turn = 0; rankOf(low) > rank + SLACK && high - low.seq > 1; turn++) {
      const excess = rankOf(low) - rank;
      const seq = guess(low.seq, high, excess / (excess + rank), turn);
      const found = await firstFrom(direct, seq, subject);
      if (found !== undefined && rankOf(found) >= rank) low = found;
      else high = seq;
    }
  }
  return { raw: low, after: rankOf(low) - 1 };
}

/** Where the share of messages would be if they were spread evenly; every other time the middle, since they may not be. */
function guess(low: number, high: number, share: number, turn: number): number {
  const part = turn % 2 === 0 ? share : 0.5;
  return Math.min(high - 1, low + Math.max(1, Math.floor((high - low) * part)));
}

export async function firstFrom(direct: Direct, seq: number, subject: string): Promise<Raw | undefined> {
  const [first] = await direct.from(seq, subject, 1);
  return first;
}

/** Messages of the subject from this one on. */
export function remaining(raw: Raw | undefined): number {
  return raw === undefined ? 0 : raw.pending + 1;
}

/** Messages that are cheaper to read than to search on for. */
const SLACK = 100;
