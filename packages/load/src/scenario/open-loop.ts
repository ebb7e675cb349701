import { Histogram } from "../measure/histogram.ts";
import type { Stopwatch } from "../measure/stopwatch.ts";

export interface Schedule {
  /** Sends a second. */
  readonly rate: number;
  /** Called for each send, in order, with the moment at which it was due. */
  send(dueMicros: number): void;
}

/**
 * Sends on a schedule, whatever the server does: a slow server does not slow the load down, and a late message counts
 * from when it was due. Timers have a millisecond, so sends of the same millisecond go together.
 */
export class OpenLoop {
  readonly #schedule: Schedule;
  readonly #stopwatch: Stopwatch;
  readonly #period: number;
  #lateness = new Histogram();
  #due: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(schedule: Schedule, stopwatch: Stopwatch) {
    this.#schedule = schedule;
    this.#stopwatch = stopwatch;
    this.#period = 1e6 / schedule.rate;
    this.#due = stopwatch.micros();
  }

  /** Microseconds between the due moment of a send and the send: how far the generator itself is behind. */
  get lateness(): Histogram {
    return this.#lateness;
  }

  start(): void {
    this.#due = this.#stopwatch.micros();
    this.#timer = setInterval(() => this.tick(), 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  forgetLateness(): void {
    this.#lateness = new Histogram();
  }

  /** Sends what is due by now; the timer's task. */
  tick(): void {
    const now = this.#stopwatch.micros();
    for (; this.#due <= now; this.#due += this.#period) {
      this.#lateness.record(now - this.#due);
      this.#schedule.send(this.#due);
    }
  }
}
