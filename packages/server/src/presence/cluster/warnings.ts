import type { Logger } from "pino";
import type { Clock } from "../../clock.ts";

/** Milliseconds between two warnings of the same kind. */
const PAUSE = 10_000;
/** Milliseconds after which it is worth a line that not all members are known. */
const LONG = 3000;

/** Tells the operator what is wrong, and not more often than it can be read. */
export class Warnings {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #malformed = 0;
  #toldAt = -Infinity;
  #isBroken = false;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** A message that could not be read. */
  malformed(error: Error): void {
    this.#malformed++;
    const now = this.#clock.now();
    if (now - this.#toldAt < PAUSE) return;
    this.#toldAt = now;
    this.#logger.warn({ err: error, count: this.#malformed }, "presence: messages of other gateways were ignored");
    this.#malformed = 0;
  }

  /** `brokenFor`: milliseconds for which not all members were known. */
  look(brokenFor: number): void {
    if (brokenFor > LONG && !this.#isBroken) {
      this.#isBroken = true;
      this.#logger.warn("presence: not all gateways can be heard; their members are held as they were");
    }
    if (brokenFor > 0 || !this.#isBroken) return;
    this.#isBroken = false;
    this.#logger.info("presence: all gateways are heard again");
  }
}
