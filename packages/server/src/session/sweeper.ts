import { type Cancel, type Clock, every } from "../clock.ts";
import type { ClientSession } from "./client-session.ts";
import type { SessionTable } from "./table.ts";

/** Every session is looked at about once in this time, in milliseconds. */
const ROUND = 1000;
const STEP = 50;

/**
 * Looks at every session in turn: connections that never said who they are, tokens that ended, clients that do not
 * read, closes that are not answered. One timer for all, in small slices, instead of timers for each connection.
 */
export class Sweeper {
  readonly #sessions: SessionTable;
  readonly #clock: Clock;
  #next = 0;
  /** Ends it. */
  readonly stop: Cancel;

  constructor(sessions: SessionTable, clock: Clock) {
    this.#sessions = sessions;
    this.#clock = clock;
    this.stop = every(clock, STEP, () => this.#step());
  }

  #step(): void {
    const now = this.#clock.now();
    let left = Math.ceil((this.#sessions.size * STEP) / ROUND);
    for (; left > 0; left--) {
      // A session that goes while it is looked at is replaced by the last one: that one waits for the next round.
      if (this.#next >= this.#sessions.size) this.#next = 0;
      const session = this.#sessions.at(this.#next++);
      if (session !== undefined) inspect(session, now);
    }
  }
}

/** Ends or slows down what is overdue in one session. */
export function inspect(session: ClientSession, now: number): void {
  const { state, services } = session;
  const { connectTimeout, graceAfterExpiry } = services.limits;
  switch (state.kind) {
    case "new":
    case "authenticating":
      if (now - state.since > connectTimeout)
        session.close("connect_timeout", `no connect command within ${connectTimeout / 1000} s`);
      return;
    case "open":
      if (state.identity.expires !== undefined && now > state.identity.expires + graceAfterExpiry)
        session.close("token_expired", "the token's time is over");
      else checkBuffer(session);
      return;
    case "closing":
      if (now > state.deadline) session.connection.terminate();
      return;
    case "closed":
      return;
  }
}

/** A client that does not take its messages is closed, or told of a gap later, as its namespaces say. */
function checkBuffer(session: ClientSession): void {
  const { open, services } = session;
  const { maxBuffered } = services.limits;
  if (open === undefined) return;
  const buffered = session.connection.getBufferedAmount();
  if (buffered <= maxBuffered) {
    // A transport without a drain event is asked here.
    if (buffered <= maxBuffered / 2) session.drained();
    return;
  }
  const { subscriptions } = open;
  // Everybody who signed in has a personal topic; it says nothing about how the client takes the others.
  const chosen = subscriptions.filter(({ group }) => group.realm.fanout);
  const canSkip = chosen.length > 0 && chosen.every((each) => each.group.policy.slowConsumer === "skip");
  if (!canSkip) return session.close("slow_consumer", `more than ${maxBuffered} bytes were waiting to be read`);
  if (subscriptions.some((each) => each.mode.kind === "native" || each.mode.kind === "direct"))
    services.counters.lagged += 1;
  for (const subscription of subscriptions) subscription.lag();
}
