import type { StreamInfo } from "@nats-io/jetstream";
import { wait, type Clock } from "../../../clock.ts";

export interface MenderParts {
  readonly clock: Clock;
  readonly find: () => Promise<StreamInfo | undefined>;
  /** Makes it as it was, with nothing in it. */
  readonly make: () => Promise<unknown>;
  readonly warn: (message: string) => void;
}

/** Makes the stream anew where it was lost: sessions are gone then, but new ones can be. */
export class Mender {
  readonly #parts: MenderParts;
  #isAtWork = false;

  constructor(parts: MenderParts) {
    this.#parts = parts;
  }

  /** Nobody answers for the stream. Looks what is wrong, in its own time. */
  look(): void {
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    this.#mend()
      // It is called again.
      .catch(() => {})
      .finally(() => (this.#isAtWork = false));
  }

  /** Twice, because a server that has just begun may not know yet what it has. */
  async #mend(): Promise<void> {
    const { clock, find, make, warn } = this.#parts;
    for (let looks = 0; looks < 2; looks++) {
      await wait(clock, BETWEEN_LOOKS);
      if ((await find()) !== undefined) return;
    }
    await make();
    warn("the stream of the sessions was lost and is made anew: clients begin anew");
  }
}

/** Milliseconds. */
const BETWEEN_LOOKS = 500;
