import { every, type Cancel, type Clock } from "../../../clock.ts";

export interface Beating {
  /** Sends a sign of life, unless something else is on its way. */
  beat(): void;
}

/** Streams take their turn in so many groups, so that 100,000 of them are not written to at one moment. */
const GROUPS = 16;

/** Signs of life for all streams by one timer, which runs only while there are streams. */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #step: number;
  readonly #groups: readonly Set<Beating>[] = Array.from({ length: GROUPS }, () => new Set<Beating>());
  #current = 0;
  #size = 0;
  #stop: Cancel | undefined = undefined;

  /** `interval`: milliseconds from one sign of life of a stream to the next. */
  constructor(clock: Clock, interval: number) {
    this.#clock = clock;
    this.#step = Math.max(1, interval / GROUPS);
  }

  get size(): number {
    return this.#size;
  }

  /** The group that had its turn last: its next one is a whole interval away. Give it back to `remove`. */
  add(stream: Beating): Set<Beating> {
    const group = this.#groups[this.#current]!;
    group.add(stream);
    this.#size += 1;
    this.#stop ??= every(this.#clock, this.#step, () => this.#turn());
    return group;
  }

  remove(stream: Beating, group: Set<Beating>): void {
    if (!group.delete(stream)) return;
    this.#size -= 1;
    if (this.#size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #turn(): void {
    this.#current = (this.#current + 1) % GROUPS;
    for (const stream of this.#groups[this.#current]!) stream.beat();
  }
}
