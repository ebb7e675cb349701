import type { Clock } from "../clock.ts";

/**
 * Lets those who wait to write a lot to one client go one by one: one for each turn of the event loop, and only while
 * there is room. Many replays of one client together must not put all their pages into its buffer at once.
 */
export class WriteTurns {
  readonly #clock: Clock;
  readonly #hasRoom: () => boolean;
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  constructor(clock: Clock, hasRoom: () => boolean) {
    this.#clock = clock;
    this.#hasRoom = hasRoom;
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.go();
    });
  }

  /** There may be room again. */
  go(): void {
    if (this.#taken || this.#waiting.length === 0 || !this.#hasRoom()) return;
    this.#taken = true;
    this.#clock.endOfTurn(() => {
      this.#taken = false;
      this.go();
    });
    this.#waiting.shift()?.();
  }

  /** Nobody waits for a client that is gone. */
  releaseAll(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
