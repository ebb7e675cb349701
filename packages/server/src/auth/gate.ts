import { AuthError } from "./auth-error.ts";

interface GateParts {
  /** Jobs at once. */
  readonly width: number;
  /** Jobs that wait for their turn; one more is refused. */
  readonly maxWaiting: number;
}

/** Lets a few costly jobs run at once and a bounded number wait, in their order. */
export class Gate {
  readonly #parts: GateParts;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Rejects with AuthError (`unavailable`) where too many wait, else with what the job rejects with. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    const { width, maxWaiting } = this.#parts;
    if (this.#running < width) this.#running++;
    else if (this.#waiting.length < maxWaiting) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else throw new AuthError("unavailable", "too many passwords are being verified; try again in a few seconds");
    try {
      return await job();
    } finally {
      this.#next();
    }
  }

  /** Whoever waits longest takes the place over: `running` stays as it is. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}
