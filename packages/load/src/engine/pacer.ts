import type { Histogram } from "../measure/histogram.ts";

/** Microseconds of sending at a stretch: then answers are read, even if more is due. */
const STRETCH = 20_000;
/** Sends between two looks at the clock. */
const BATCH = 64;

/**
 * The open loop of one population: sends on schedule, whatever the server does. A message that leaves late still counts
 * from when it was due; how late the tool itself was is in `late`.
 */
export class Pacer {
  readonly #send: (due: number) => void;
  readonly #micros: () => number;
  readonly #late: Histogram;
  /** Microseconds between two sends; undefined while nothing is due. */
  #period: number | undefined;
  #due = 0;

  constructor(send: (due: number) => void, micros: () => number, late: Histogram) {
    this.#send = send;
    this.#micros = micros;
    this.#late = late;
  }

  /** `rate` sends a second from the moment on; `offset` (0 to 1) is where in a period this agent begins. */
  pace(rate: number, from: number, offset: number): void {
    this.#period = rate > 0 ? 1e6 / rate : undefined;
    this.#due = from + (this.#period ?? 0) * offset;
  }

  stop(): void {
    this.#period = undefined;
  }

  /** Sends what is due by now. */
  tick(): void {
    const end = this.#micros() + STRETCH;
    let now = this.#micros();
    while (this.#period !== undefined && this.#due <= now && now < end) {
      for (let i = 0; i < BATCH && this.#period !== undefined && this.#due <= now; i++, this.#due += this.#period) {
        this.#late.record(now - this.#due);
        this.#send(this.#due);
      }
      now = this.#micros();
    }
  }
}
