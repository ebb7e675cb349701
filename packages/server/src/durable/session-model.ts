import type { Flight, SessionChange, StoredSession, StoredSubscription } from "./session-store.ts";

/** What is done to a session that exists. */
export type ChangeWithin = Exclude<SessionChange, { readonly kind: "create" | "delete" }>;

interface Subscription {
  options: string;
  /** Offsets by epoch. */
  readonly positions: Map<string, number>;
}

/** A stored session that changes, as memory holds it. Maps keep the order in which keys were added, and a changed value keeps its place. */
export class SessionModel {
  readonly #user: string | undefined;
  #expires: number | undefined;
  #owner: string | undefined;
  #note: string | undefined;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #flights = new Map<string, Flight>();

  constructor(user: string | undefined) {
    this.#user = user;
  }

  /** As it was stored; the copy changes by itself. */
  static of(stored: StoredSession): SessionModel {
    const model = new SessionModel(stored.user);
    model.#owner = stored.owner;
    model.#expires = stored.expires;
    model.#note = stored.note;
    for (const { filter, options, positions } of stored.subscriptions)
      model.#subscriptions.set(filter, {
        options,
        positions: new Map(positions.map(({ epoch, offset }) => [epoch, offset])),
      });
    for (const flight of stored.flights) model.#flights.set(keyOf(flight), flight);
    return model;
  }

  get flights(): Iterable<Flight> {
    return this.#flights.values();
  }

  hasSubscription(filter: string): boolean {
    return this.#subscriptions.has(filter);
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
