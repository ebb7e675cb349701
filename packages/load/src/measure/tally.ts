import { Histogram } from "./histogram.ts";

/** More faults than this are only counted. */
const KEPT_FAULTS = 10;

/** What all clients of a run count together, and what went wrong. */
export class Tally {
  sent = 0;
  acknowledged = 0;
  delivered = 0;
  /** Microseconds from the scheduled moment of a publish to each delivery. */
  #latency = new Histogram();
  /** Messages scheduled before this moment are not in the histogram. */
  #since = 0;
  readonly #faults: string[] = [];
  #faultCount = 0;

  /** Begins a new histogram, of messages that are scheduled from `micros` on. */
  measureFrom(micros: number): void {
    this.#since = micros;
    this.#latency = new Histogram();
  }

  get latency(): Histogram {
    return this.#latency;
  }

  delivery(scheduled: number, now: number): void {
    this.delivered += 1;
    if (scheduled >= this.#since) this.#latency.record(now - scheduled);
  }

  fault(text: string): void {
    this.#faultCount += 1;
    if (this.#faults.length < KEPT_FAULTS) this.#faults.push(text);
  }

  /** Empty if every message was acknowledged and delivered once, in order, as far as it is known now. */
  get faults(): readonly string[] {
    const more = this.#faultCount - this.#faults.length;
    return more > 0 ? [...this.#faults, `and ${more} more`] : this.#faults;
  }
}
