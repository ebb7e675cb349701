/** Topics of one wildcard subscription whose last offset is remembered. */
const TOPICS = 10_000;

export type Verdict = "next" | "duplicate" | "gap";

/**
 * What a subscription has seen: finds duplicates, and breaks in the chain of each topic. A message fits if its
 * predecessor was seen; the predecessor may also lie at or before `excused`, up to where nothing was promised.
 */
export class Tracker {
  readonly #seen = new Map<string, number>();
  readonly #limit: number;
  /** Stands for every topic that is not in the map. */
  #floor: number;
  #excused: number;

  constructor(floor: number, excused: number, limit = TOPICS) {
    this.#floor = floor;
    this.#excused = excused;
    this.#limit = limit;
  }

  /** The last offset seen on a topic, as far as it is known. */
  seen(topic: string): number {
    return this.#seen.get(topic) ?? this.#floor;
  }

  judge(message: { readonly topic: string; readonly offset: number; readonly previous: number }): Verdict {
    const { topic, offset, previous } = message;
    const seen = this.seen(topic);
    if (offset <= seen) return "duplicate";
    // Where nothing is promised yet, a topic still has its own chain from its first message on.
    const base = this.#excused === Infinity && this.#seen.has(topic) ? seen : Math.max(seen, this.#excused);
    return previous > base ? "gap" : "next";
  }

  /**
   * All of the topic up to `offset` is done with. Over the limit the topic that was quiet for longest is forgotten and
   * the floor raised to it: offsets of one log grow, so a new topic's messages lie above. A break of the chain below
   * the floor then goes unseen, but no message is taken for a duplicate.
   */
  mark(topic: string, offset: number): void {
    const last = Math.max(offset, this.seen(topic));
    this.#seen.delete(topic);
    this.#seen.set(topic, last);
    if (this.#seen.size <= this.#limit) return;
    for (const [oldest, at] of this.#seen) {
      this.#seen.delete(oldest);
      if (Number.isFinite(this.#excused)) this.#floor = Math.max(this.#floor, at);
      return;
    }
  }

  /** Breaks at or before `offset` are known, or nothing was promised up to there. */
  excuse(offset: number): void {
    this.#excused = Number.isFinite(this.#excused) ? Math.max(this.#excused, offset) : offset;
  }

  raiseFloor(offset: number): void {
    this.#floor = Math.max(this.#floor, offset);
  }
}
