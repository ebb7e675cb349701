import type { Clock } from "./environment.ts";

const nothing = (): void => {};

export interface HeartbeatSetup {
  readonly clock: Clock;
  /** Milliseconds from a ping to any frame. */
  readonly pong: number;
  /** Sends a ping; any frame of the other side is an answer, and this one's reply surely. */
  readonly ping: (answered: () => void) => void;
  /** Nothing came within so many milliseconds of a ping. */
  readonly dead: (ms: number) => void;
}

/** Finds out whether the other side of a connection is still there, and keeps it from taking this one for gone. */
export class Heartbeat {
  readonly #setup: HeartbeatSetup;
  /** Milliseconds without a word, of either side, after which a ping goes. 0: none does. */
  #silence = 0;
  /** When the last frame came, in milliseconds since 1970. */
  #heard = 0;
  /** When the last frame went. A server that hears nothing of a client that only listens takes it for gone. */
  #spoke = 0;
  /** When the check under way ends. */
  #checkBy = Infinity;
  #cancel = nothing;

  constructor(setup: HeartbeatSetup) {
    this.#setup = setup;
  }

  start(silence: number): void {
    this.#silence = silence;
    this.#beat();
  }

  stop(): void {
    this.#cancel();
  }

  heard(): void {
    this.#heard = this.#setup.clock.now();
  }

  spoke(): void {
    this.#spoke = this.#setup.clock.now();
  }

  /** A ping, and any frame within `ms` will do. The earlier of two checks counts. */
  check(ms: number): void {
    const { clock, ping, dead } = this.#setup;
    const asked = clock.now();
    if (asked + ms >= this.#checkBy) return;
    this.#checkBy = asked + ms;
    let answered = false;
    ping(() => (answered = true));
    this.#cancel();
    this.#cancel = clock.after(ms, () => {
      this.#checkBy = Infinity;
      if (answered || this.#heard > asked) this.#beat();
      else dead(ms);
    });
  }

  #beat(): void {
    if (!(this.#silence > 0)) return;
    const { clock, pong } = this.#setup;
    const left = Math.min(this.#heard, this.#spoke) + this.#silence - clock.now();
    this.#cancel();
    if (left <= 0) return this.check(pong);
    this.#cancel = clock.after(left, () => this.#beat());
  }
}
