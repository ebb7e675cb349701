import type { Cancel, Clock } from "../clock.ts";

/** Counts what may come in floods, and tells of it at most once a minute. */
export class Complaints {
  readonly #clock: Clock;
  readonly #tell: (count: number, why: string) => void;
  #count = 0;
  #told = 0;
  #why = "";
  #timer: Cancel | undefined = undefined;

  /** `tell` gets how often since it was called last, and the newest reason. */
  constructor(clock: Clock, tell: (count: number, why: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Since the start. */
  get count(): number {
    return this.#count;
  }

  /** `why`: a sentence for the operator. */
  add(why: string): void {
    this.#count += 1;
    this.#why = why;
    if (this.#timer === undefined) this.#speak();
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #speak(): void {
    this.#tell(this.#count - this.#told, this.#why);
    this.#told = this.#count;
    this.#timer = this.#clock.after(MINUTE, () => {
      this.#timer = undefined;
      if (this.#count > this.#told) this.#speak();
    });
  }
}

const MINUTE = 60_000;
