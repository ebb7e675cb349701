import { wait } from "../clock.ts";
import type { Services } from "../session/services.ts";
import type { ClientSession } from "../session/client-session.ts";

export interface DrainSettings {
  /** Milliseconds from the signal to the end. */
  readonly deadline: number;
  /** Milliseconds in which only readiness says no, so that balancers notice. */
  readonly delay: number;
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
  /** Whether a balancer has anybody else to send clients to. */
  readonly hasOthers: () => boolean;
  /** Called when it begins, once: it is stopping. */
  readonly stopping: () => void;
  /** Called when nobody new is let in any more. */
  readonly draining: () => void;
  /** HTTP requests that have no whole answer yet. */
  readonly pendingRequests: () => number;
}

/** Milliseconds kept at the end of the deadline for closing the logs, at most a quarter of it. */
const RESERVE = 2000;
/** Milliseconds between two looks at who is still here. */
const STEP = 50;

/**
 * Empties a node that is about to stop. Readiness says no from the first moment; when balancers had time to notice, nobody new
 * is let in, and clients are asked to connect elsewhere at random moments of the spread, until when they may work on. Those
 * whose protocol has no word for that are closed one by one over the same time. After it no publish is taken any more, those under
 * way are answered, and only then who is still here is closed, so many a second.
 */
export class Drain {
  readonly #parts: DrainParts;
  #state: "no" | "stopping" | "draining" = "no";

  constructor(parts: DrainParts) {
    this.#parts = parts;
  }

  get isStopping(): boolean {
    return this.#state !== "no";
  }

  get isDraining(): boolean {
    return this.#state === "draining";
  }

  /** Resolves when no session and no request is left, or when the deadline leaves no more time. */
  async run(): Promise<void> {
    if (this.#state !== "no") return;
    this.#state = "stopping";
    const { services, settings } = this.#parts;
    const { sessions, logger, clock } = services;
    const time = settings.deadline - Math.min(RESERVE, settings.deadline / 4);
    const end = clock.now() + time;
    this.#parts.stopping();
    if (settings.delay > 0) await this.#noticed(time / 4);
    this.#state = "draining";
    this.#parts.draining();
    const before = sessions.size;
    if (before > 0) await this.#sendAway(end - clock.now());
    const left = before - sessions.size;
    await this.#quiesce(end);
    const closed = await this.#closeRest(end);
    if (before > 0) logger.info({ left, closed, cut: sessions.size }, "drained: clients left, were closed, were cut");
  }

  /** Until balancers had time to notice, `most` milliseconds at most; if there is nobody else, nobody waits. */
  #noticed(most: number): Promise<void> {
    const { services, settings, hasOthers } = this.#parts;
    return this.#until(services.clock.now() + Math.min(settings.delay, most), () => !hasOthers());
  }

  /** Asks all to go, within a quarter of the time at most; half of it is theirs to go. */
  async #sendAway(time: number): Promise<void> {
    const { services, settings } = this.#parts;
    const { clock, sessions, logger } = services;
    const spread = Math.round(Math.min(settings.spread, time / 2));
    logger.info({ sessions: sessions.size, spread }, "draining: clients are asked to connect elsewhere");
    const deaf: ClientSession[] = [];
    await this.#paced([...sessions], clock.now() + time / 4, (session) => {
      // Others have no reply to `connect` yet: they will be refused.
      if (session.open === undefined) return;
      const frame = session.encoder.push({ kind: "reconnect", delay: 0, spread });
      if (frame.length === 0) deaf.push(session);
      else session.send(frame);
    });
    const end = clock.now() + spread;
    // Who is not reached at the rate is closed with the rest.
    await this.#each(deaf, { every: Math.max(1000 / settings.rate, spread / deaf.length), end }, close);
    await this.#until(end, () => sessions.size === 0);
  }

  /** A log that does not answer must not hold up the end. */
  async #quiesce(end: number): Promise<void> {
    let quiet = false;
    void this.#parts.quiesce().then(() => (quiet = true));
    await this.#until(end, () => quiet);
  }

  /** Returns how many it closed. Resolves when they are gone, and requests are answered. */
  async #closeRest(end: number): Promise<number> {
    const { services, pendingRequests } = this.#parts;
    const { sessions, clock } = services;
    let closed = 0;
    await this.#paced([...sessions].filter(isHere), end, (session) => {
      closed += 1;
      close(session);
    });
    await this.#until(Math.min(end, clock.now() + RESERVE), () => sessions.size === 0 && pendingRequests() === 0);
    return closed;
  }

  /** Acts on all of them, at the rate, or faster if else it would not be done by `end`. */
  async #paced(all: readonly ClientSession[], end: number, act: Act): Promise<void> {
    const { services, settings } = this.#parts;
    const left = Math.max(0, end - services.clock.now());
    const acted = await this.#each(all, { every: Math.min(1000 / settings.rate, left / all.length), end }, act);
    for (const session of all.slice(acted)) if (isHere(session)) act(session);
  }

  /** Acts on one after the other until `end`. Returns on how many it came. */
  async #each(all: readonly ClientSession[], { every, end }: Pace, act: Act): Promise<number> {
    const { clock, sessions } = this.#parts.services;
    const begin = clock.now();
    for (let next = 0; ;) {
      const due = (clock.now() - begin + STEP) / every;
      for (; next < all.length && next < due; next++) {
        const session = all[next];
        if (session !== undefined && isHere(session)) act(session);
      }
      if (next >= all.length || sessions.size === 0 || clock.now() >= end) return next;
      await wait(clock, STEP);
    }
  }

  async #until(moment: number, isDone: () => boolean): Promise<void> {
    const { clock } = this.#parts.services;
    while (!isDone() && clock.now() < moment) await wait(clock, STEP);
  }
}

type Act = (session: ClientSession) => void;

interface Pace {
  /** Milliseconds from one to the next. */
  readonly every: number;
  /** Milliseconds since 1970. */
  readonly end: number;
}

function isHere(session: ClientSession): boolean {
  const { kind } = session.state;
  return kind !== "closing" && kind !== "closed";
}

function close(session: ClientSession): void {
  session.close("draining", "this node is about to stop; connect again");
}
