import type { Direct, Raw } from "./direct.ts";

export interface RankQuery {
  readonly subject: string;
  /** Sequences in [from, end) count. */
  readonly from: number;
  readonly end: number;
  /** Counted from the newest, which is 1. */
  readonly rank: number;
}

/**
 * Where the message with a rank stands, or somewhere before it, by at most `SLACK` messages; `from` if there are fewer. The
 * server says how many messages of a subject come after each one, so a few questions find it among millions.
 */
export async function seqWithRank(direct: Direct, { subject, from, end, rank }: RankQuery): Promise<number> {
  const [last, first, past] = await Promise.all([
    direct.last(subject),
    firstFrom(direct, from, subject),
    firstFrom(direct, end, subject),
  ]);
  const beyond = remaining(past);
  let low = first;
  let high = Math.min(end, (last?.seq ?? 0) + 1);
  for (let turn = 0; low !== undefined; turn++) {
    const excess = remaining(low) - beyond - rank;
    if (excess <= SLACK || high - low.seq <= 1) return low.seq;
    const seq = guess(low.seq, high, excess / (excess + rank), turn);
    const found = await firstFrom(direct, seq, subject);
    if (found !== undefined && remaining(found) - beyond >= rank) low = found;
    else high = seq;
  }
  return from;
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
