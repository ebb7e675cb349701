import type { Flight, SessionChange, StoredSession, StoredSubscription } from "../../durable/session-store.ts";

/** What is done to a session that exists. */
export type ChangeWithin = Exclude<SessionChange, { readonly kind: "create" | "delete" }>;

interface Subscription {
  options: string;
  /** Offsets by epoch. */
  readonly positions: Map<string, number>;
}

/** One stored session. Maps keep the order in which keys were added, and a changed value keeps its place. */
export class MemorySession {
  readonly #user: string | undefined;
  #expires: number | undefined;
  #owner: string | undefined;
  #note: string | undefined;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #flights = new Map<string, Flight>();

  constructor(user: string | undefined) {
    this.#user = user;
  }

  get expires(): number | undefined {
    return this.#expires;
  }

  get owner(): string | undefined {
    return this.#owner;
  }

  change(change: ChangeWithin): void {
    switch (change.kind) {
      case "owner":
        this.#owner = change.owner;
        return;
      case "expires":
        this.#expires = change.at;
        return;
      case "note":
        this.#note = change.text;
        return;
      case "subscribe":
        return this.#subscribe(change.filter, change.options);
      case "unsubscribe":
        this.#subscriptions.delete(change.filter);
        return;
      case "position":
        this.#subscriptions.get(change.filter)?.positions.set(change.epoch, change.offset);
        return;
      case "flight":
        this.#flights.set(keyOf(change.flight), change.flight);
        return;
      case "landed":
        this.#flights.delete(keyOf(change));
    }
  }

  /** A copy: later changes do not reach it. */
  stored(): StoredSession {
    return {
      user: this.#user,
      owner: this.#owner,
      expires: this.#expires,
      note: this.#note,
      subscriptions: Array.from(this.#subscriptions, storedSubscription),
      flights: [...this.#flights.values()],
    };
  }

  #subscribe(filter: string, options: string): void {
    const known = this.#subscriptions.get(filter);
    if (known === undefined) this.#subscriptions.set(filter, { options, positions: new Map() });
    else known.options = options;
  }
}

function keyOf({ direction, packet }: Pick<Flight, "direction" | "packet">): string {
  return `${direction} ${packet}`;
}

function storedSubscription([filter, { options, positions }]: [string, Subscription]): StoredSubscription {
  return { filter, options, positions: Array.from(positions, ([epoch, offset]) => ({ epoch, offset })) };
}
