import type { Clock } from "../../clock.ts";
import { PresenceUnavailable } from "../presence.ts";

/** Milliseconds: NATS is started again in less, and a list that is older misleads. */
const MAX_AGE = 30_000;
/** Milliseconds for which a question to a gateway that has never known all waits. */
const PATIENCE = 2000;

/** Since when this gateway does not know all members, and what becomes of questions then. */
export class Wholeness {
  readonly #clock: Clock;
  readonly #maxAge: number;
  /** Undefined: it knows all. */
  #brokenAt: number | undefined;
  #wasWhole = false;
  readonly #waiting = new Set<PromiseWithResolvers<void>>();

  /** `maxAge`: milliseconds for which questions are answered from what was known. */
  constructor(clock: Clock, maxAge = MAX_AGE) {
    this.#clock = clock;
    this.#maxAge = maxAge;
    this.#brokenAt = clock.now();
  }

  /** Milliseconds for which it has not known all; 0 if it does. */
  get brokenFor(): number {
    return this.#brokenAt === undefined ? 0 : this.#clock.now() - this.#brokenAt;
  }

  get isWhole(): boolean {
    return this.#brokenAt === undefined;
  }

  set(isWhole: boolean): void {
    if (!isWhole) {
      this.#brokenAt ??= this.#clock.now();
      return;
    }
    this.#brokenAt = undefined;
    this.#wasWhole = true;
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** Resolves when a question may be answered; at once (undefined) if it may now. Rejects with `PresenceUnavailable`. */
  answerable(): Promise<void> | undefined {
    if (!this.#wasWhole) return this.#wait();
    const { brokenFor } = this;
    if (brokenFor <= this.#maxAge) return undefined;
    const seconds = Math.floor(brokenFor / 1000);
    return Promise.reject(new PresenceUnavailable(`not all other gateways could be heard for ${seconds} s`));
  }

  /** Who waits is told that there will be no answer. */
  close(): void {
    for (const { reject } of this.#waiting) reject(new PresenceUnavailable("presence is closed"));
    this.#waiting.clear();
  }

  async #wait(): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#waiting.add(waiting);
    const late = (): void => waiting.reject(new PresenceUnavailable("the other gateways' members are not known yet"));
    const cancel = this.#clock.after(PATIENCE, late);
    try {
      await waiting.promise;
    } finally {
      cancel();
      this.#waiting.delete(waiting);
    }
  }
}
