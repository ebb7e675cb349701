import type { Services } from "../session/services.ts";
import type { Session } from "../session/session.ts";

export interface DrainSettings {
  /** Milliseconds from the signal to the end. */
  readonly deadline: number;
  /** Milliseconds over which the clients come back elsewhere. */
  readonly spread: number;
  /** Closes a second. */
  readonly rate: number;
}

/** Milliseconds kept at the end of the deadline for what is under way. */
const RESERVE = 2000;
const STEP = 100;

/**
 * Empties a node that is about to stop. Clients are asked to connect elsewhere at random moments of the spread; who is
 * still here after it is closed, so many a second. Readiness says no from the first moment.
 */
export class Drain {
  readonly #services: Services;
  readonly #settings: DrainSettings;
  #draining = false;

  constructor(services: Services, settings: DrainSettings) {
    this.#services = services;
    this.#settings = settings;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Resolves when no session is left, or when the deadline leaves no more time. */
  async run(): Promise<void> {
    const { clock, sessions, logger } = this.#services;
    if (this.#draining) return;
    this.#draining = true;
    if (sessions.size === 0) return;
    const end = clock.now() + Math.max(0, this.#settings.deadline - RESERVE);
    const spread = Math.min(this.#settings.spread, Math.max(0, this.#settings.deadline - RESERVE) / 2);
    logger.info({ sessions: sessions.size, spread }, "draining: clients are asked to connect elsewhere");
    await this.#ask(spread, end);
    await this.#until(Math.min(end, clock.now() + spread));
    await this.#closeAll(end);
    await this.#until(Math.min(end, clock.now() + RESERVE));
    if (sessions.size > 0)
      logger.warn({ sessions: sessions.size }, "the deadline ended connections that did not close");
  }

  /** Tells every client, paced like the closes: a frame to each of 100,000 clients is a load of its own. */
  async #ask(spread: number, end: number): Promise<void> {
    await this.#paced(end, (session) =>
      session.send(session.encoder.push({ kind: "reconnect", delay: 0, spread: Math.round(spread) })),
    );
  }

  async #closeAll(end: number): Promise<void> {
    await this.#paced(end, (session) => session.close("draining", "this node is about to stop; connect again"));
  }

  async #paced(end: number, act: (session: Session) => void): Promise<void> {
    const { clock, sessions } = this.#services;
    const perStep = Math.max(1, Math.ceil((this.#settings.rate * STEP) / 1000));
    const all = [...sessions];
    for (let next = 0; next < all.length; next += perStep) {
      for (const session of all.slice(next, next + perStep)) if (session.state.kind !== "closed") act(session);
      if (clock.now() >= end) continue;
      if (next + perStep < all.length) await this.#wait(STEP);
    }
  }

  /** Waits for the moment, or until nobody is left. */
  async #until(moment: number): Promise<void> {
    const { clock, sessions } = this.#services;
    while (sessions.size > 0 && clock.now() < moment) await this.#wait(STEP);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#services.clock.after(ms, resolve));
  }
}
