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
  #first: Subscription | undefined;

  constructor(parts: SubscriberParts) {
    this.#parts = parts;
  }

  want(filter: string): Interest {
    const { interests, connection, subjects, callback } = this.#parts;
    let wanted = interests.get(filter);
    if (wanted === undefined) {
      wanted = interests.add(filter);
      const subscription = connection.subscribe(subjects.liveOf("m", filter), { callback });
      this.#subscriptions.set(wanted, slim(subscription, (this.#first ??= subscription)));
    }
    wanted.users += 1;
    const ready = wanted.since < Infinity ? Promise.resolve(wanted.since) : this.#establish(wanted);
    return new Asked(this, wanted, ready);
  }

  /** A mark that is set now. */
  pass(): Promise<number> {
    return this.#parts.barrier.pass();
  }

  release(wanted: Wanted): void {
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

/** One call of `want`. There are as many as topics: an object without closures. */
class Asked implements Interest {
  readonly ready: Promise<number>;
  readonly #subscriber: Subscriber;
  #wanted: Wanted | undefined;

  constructor(subscriber: Subscriber, wanted: Wanted, ready: Promise<number>) {
    this.#subscriber = subscriber;
    this.#wanted = wanted;
    this.ready = ready;
  }

  catchUp(): Promise<number> {
    return this.#subscriber.pass();
  }

  end(): void {
    if (this.#wanted !== undefined) this.#subscriber.release(this.#wanted);
    this.#wanted = undefined;
  }
}

/** What the library holds for those who read a subscription in a loop or wait for its end. */
interface Waiting {
  signal?: unknown;
  iterClosed?: unknown;
  closed?: unknown;
  yields?: unknown;
}

/** With a callback nobody reads or waits: all subscriptions share what the first one has. */
function slim(subscription: Subscription, first: Subscription): Subscription {
  const [one, other] = [subscription as unknown as Waiting, first as unknown as Waiting];
  for (const key of ["signal", "iterClosed", "closed", "yields"] as const)
    if (one[key] !== undefined) one[key] = other[key];
  return subscription;
}

/** Milliseconds. */
const RETRY = 500;
