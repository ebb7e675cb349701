import type { ServerProcess } from "../server-process.ts";

/** Milliseconds after the last publish that was waited for, at most. */
const MOMENT = 30;

/** Rounds of a load on a server that is killed at a random moment of each, and started again. */
export class Rounds {
  readonly #server: ServerProcess;
  readonly #acks: number;
  readonly #random: () => number;
  #left = 0;
  #reached = (): void => {};

  /** `acks`: acknowledged publishes of a round, at most. */
  constructor(server: ServerProcess, acks: number, random: () => number) {
    this.#server = server;
    this.#acks = acks;
    this.#random = random;
  }

  /** A publish was acknowledged. */
  acked = (): void => {
    if (--this.#left === 0) this.#reached();
  };

  async killAndRestart(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#left = Math.ceil(this.#random() * this.#acks);
      this.#reached = resolve;
    });
    // Not a wait for something: it is the random moment.
    await Bun.sleep(this.#random() * MOMENT);
    this.#server.kill("SIGKILL");
    await this.#server.ended();
    await this.#server.start();
  }
}
