import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import type { Clock } from "../../clock.ts";
import type { Interest } from "../../log/log.ts";
import type { Barrier } from "./barrier.ts";
import type { Interests, Wanted } from "./interests.ts";
import type { Subjects } from "./subjects.ts";

export interface SubscriberParts {
  readonly connection: NatsConnection;
  readonly clock: Clock;
  readonly subjects: Subjects;
  readonly interests: Interests;
  readonly barrier: Barrier;
  readonly callback: (error: Error | null, message: Msg) => void;
  readonly isClosed: () => boolean;
}

/** Subscribes to what is asked for, once for each filter. */
export class Subscriber {
  readonly #parts: SubscriberParts;
  readonly #subscriptions = new Map<Wanted, Subscription>();

  constructor(parts: SubscriberParts) {
    this.#parts = parts;
  }

  want(filter: string): Interest {
    const { interests, connection, subjects, callback } = this.#parts;
    let wanted = interests.get(filter);
    if (wanted === undefined) {
      wanted = interests.add(filter);
      this.#subscriptions.set(wanted, connection.subscribe(subjects.liveOf("m", filter), { callback }));
    }
    wanted.users += 1;
    let ended = false;
    const end = (): void => {
      if (!ended) this.#release(wanted);
      ended = true;
    };
    const ready = wanted.since < Infinity ? Promise.resolve(wanted.since) : this.#establish(wanted);
    return { ready, catchUp: () => this.#parts.barrier.pass(), end };
  }

  #release(wanted: Wanted): void {
    wanted.users -= 1;
    if (wanted.users > 0) return;
    this.#parts.interests.delete(wanted.filter);
    this.#subscriptions.get(wanted)?.unsubscribe();
    this.#subscriptions.delete(wanted);
  }

  /** The filter is in force when a mark that was set after it came back. */
  async #establish(wanted: Wanted): Promise<number> {
    const { barrier, clock, isClosed } = this.#parts;
    try {
      const seq = await barrier.pass();
      wanted.since = Math.min(wanted.since, seq);
      return wanted.since;
    } catch (error) {
      // Whoever waits is told; the subscription stands, and is in force as soon as NATS is back.
      if (wanted.users > 0 && !isClosed())
        clock.after(RETRY, () => void this.#establish(wanted).catch(() => undefined));
      throw error;
    }
  }
}

/** Milliseconds. */
const RETRY = 500;
