/** The run's clock in an agent: its own, moved to where the master's is. Microseconds, monotonic. */
export class RunClock {
  readonly origin = 0;
  readonly #own: () => number;
  #offset = 0;

  /** `own` counts microseconds from anywhere. */
  constructor(own: () => number) {
    this.#own = own;
  }

  own(): number {
    return this.#own();
  }

  set(offset: number): void {
    this.#offset = offset;
  }

  micros(): number {
    return Math.floor(this.#own() + this.#offset);
  }
}
