import type { Services } from "../session/services.ts";
import type { ClientSession } from "../session/client-session.ts";

export interface DrainSettings {
  /** Milliseconds from the signal to the end. */
  readonly deadline: number;
  /** Milliseconds over which the clients come back elsewhere. */
  readonly spread: number;
  /** Closes a second; more if the deadline asks for it. */
  readonly rate: number;
}

export interface DrainParts {
  readonly services: Pick<Services, "clock" | "sessions" | "logger">;
  readonly settings: DrainSettings;
  /** Takes no more publishes; resolves when those taken before have their answers. */
  readonly quiesce: () => Promise<void>;
  /** Called when it begins, once. */
  readonly begun: () => void;
  /** HTTP requests that have no whole answer yet. */
  readonly pendingRequests: () => number;
}

/** Milliseconds kept at the end of the deadline for closing the logs, at most a quarter of it. */
const RESERVE = 2000;
const STEP = 50;

/**
 * Empties a node that is about to stop. Clients are asked to connect elsewhere at random moments of the spread, and may
 * work on until then. After it no publish is taken any more, those under way are answered, and only then who is still
 * here is closed, so many a second. Readiness says no, and nobody new is let in, from the first moment.
 */
export class Drain {
  readonly #parts: DrainParts;
  #draining = false;

  constructor(parts: DrainParts) {
    this.#parts = parts;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Resolves when no session and no request is left, or when the deadline leaves no more time. */
  async run(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    this.#parts.begun();
    const { services, settings } = this.#parts;
    const { sessions, logger, clock } = services;
    const time = settings.deadline - Math.min(RESERVE, settings.deadline / 4);
    const end = clock.now() + time;
    const before = sessions.size;
    if (before > 0) await this.#sendAway(time);
    const left = before - sessions.size;
    await this.#quiesce(end);
    const closed = await this.#paced(end, (session) =>
      session.close("draining", "this node is about to stop; connect again"),
    );
    await this.#until(
      Math.min(end, clock.now() + RESERVE),
      () => sessions.size === 0 && this.#parts.pendingRequests() === 0,
    );
    if (before > 0) logger.info({ left, closed, cut: sessions.size }, "drained: clients left, were closed, were cut");
  }

  /** Asks all to go, within a quarter of the time at most; half of it is theirs to go. */
  async #sendAway(time: number): Promise<void> {
    const { services, settings } = this.#parts;
    const { clock, sessions, logger } = services;
    const spread = Math.round(Math.min(settings.spread, time / 2));
    logger.info({ sessions: sessions.size, spread }, "draining: clients are asked to connect elsewhere");
    await this.#paced(clock.now() + time / 4, (session) => {
      // Others have no reply to `connect` yet: they will be refused.
      if (session.open === undefined) return;
      session.send(session.encoder.push({ kind: "reconnect", delay: 0, spread }));
    });
    await this.#until(clock.now() + spread, () => sessions.size === 0);
  }

  /** A log that does not answer must not hold up the end. */
  async #quiesce(end: number): Promise<void> {
    let quiet = false;
    void this.#parts.quiesce().then(() => (quiet = true));
    await this.#until(end, () => quiet);
  }

  /** Acts on all who are here, at the rate, or faster if else it would not be done by `end`. Returns on how many. */
  async #paced(end: number, act: (session: ClientSession) => void): Promise<number> {
    const { clock, sessions } = this.#parts.services;
    const all = [...sessions];
    const begin = clock.now();
    const each = Math.min(1000 / this.#parts.settings.rate, Math.max(0, end - begin) / all.length);
    let acted = 0;
    for (let next = 0; next < all.length;) {
      const due = clock.now() >= end ? all.length : (clock.now() - begin + STEP) / each;
      for (; next < all.length && next < due; next++) {
        const session = all[next];
        if (session === undefined || session.state.kind === "closed") continue;
        act(session);
        acted += 1;
      }
      if (next < all.length) await this.#wait();
    }
    return acted;
  }

  async #until(moment: number, isDone: () => boolean): Promise<void> {
    while (!isDone() && this.#parts.services.clock.now() < moment) await this.#wait();
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => this.#parts.services.clock.after(STEP, resolve));
  }
}
