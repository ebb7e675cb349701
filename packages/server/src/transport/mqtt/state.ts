import type { Flight, SessionChange } from "../../durable/session-store.ts";
import { Courier } from "./courier.ts";
import type { Ledger } from "./ledger.ts";
import { mayOverlap } from "./overlap.ts";
import type { ActiveSubscription } from "./subscription.ts";
import type { OutFlight, Window } from "./window.ts";

/** What a connected client's session is made of. If it is durable, its changes go to the store as well. */
export class SessionState {
  /** Id in the roster and in the store: client ids of two users never meet. */
  readonly key: string;
  /** Seconds that it outlives the connection; 0 for a session that ends with it. */
  expiry: number;
  /** Undefined unless it is durable. */
  readonly ledger: Ledger | undefined;
  readonly subscriptions: ActiveSubscription[] = [];
  /** Whether two of them may name the same topic. */
  overlaps = false;
  /** Packet ids of messages of QoS 2 from the client that are not released, and their ids in the log. */
  received: Map<number, string> | undefined = undefined;
  /** Positions that the store knows, by filter and epoch. */
  readonly #stored = new Map<string, number>();

  constructor(key: string, expiry: number, ledger: Ledger | undefined) {
    this.key = key;
    this.expiry = expiry;
    this.ledger = ledger;
  }

  find(filter: string): ActiveSubscription | undefined {
    return this.subscriptions.find((each) => each.filter === filter);
  }

  /** Puts a subscription in the place of the one with the same filter. */
  put(subscription: ActiveSubscription): void {
    const index = this.subscriptions.findIndex((each) => each.filter === subscription.filter);
    if (index < 0) this.subscriptions.push(subscription);
    else this.subscriptions[index] = subscription;
    this.overlaps = mayOverlap(this.subscriptions);
  }

  /** False if there is none. */
  remove(filter: string): boolean {
    const index = this.subscriptions.findIndex((each) => each.filter === filter);
    if (index < 0) return false;
    this.subscriptions.splice(index, 1)[0]?.stop();
    this.overlaps = mayOverlap(this.subscriptions);
    return true;
  }

  stop(): void {
    for (const subscription of this.subscriptions) subscription.stop();
  }

  /** Notes how far each subscription is, and lets go of what that covers. */
  notePositions(window: Window): void {
    const { ledger } = this;
    if (ledger === undefined) return;
    for (const subscription of this.subscriptions) {
      if (!(subscription instanceof Courier)) continue;
      for (const cursor of subscription.reader.cursors) {
        const offset = subscription.done(cursor);
        const { epoch } = cursor.stream.log;
        const place = `${epoch} ${subscription.filter}`;
        if (this.#stored.get(place) === offset) continue;
        this.#stored.set(place, offset);
        ledger.note({ kind: "position", filter: subscription.filter, epoch, offset });
        for (const flight of window.flights)
          if (flight.done && flight.cursor === cursor && flight.offset <= offset) this.#letGo(window, flight);
      }
    }
  }

  /** Everything that is under way, so that the client finds it when it comes back. */
  noteFlights(window: Window): void {
    for (const flight of window.flights) {
      const change = flight.done ? undefined : this.changeOf(flight);
      if (change !== undefined && !flight.stored) this.ledger?.note(change);
    }
  }

  /** A change that stores the flight as it is. Undefined for what is not worth it: retained values. */
  changeOf(flight: OutFlight): SessionChange | undefined {
    if (flight.cursor === undefined) return undefined;
    const { packet, courier, cursor, offset, received } = flight;
    flight.stored = true;
    const stored: Flight = {
      direction: "out",
      packet,
      state: received ? "received" : "sent",
      filter: courier.filter,
      epoch: cursor.stream.log.epoch,
      offset,
      messageId: "",
    };
    return { kind: "flight", flight: stored };
  }

  /** The client is done with a message. */
  landed(window: Window, flight: OutFlight): void {
    // A message of QoS 2 that is done must be known until the position covers it, or it would be sent again.
    if (this.ledger !== undefined && flight.qos === 2 && flight.cursor !== undefined) window.finish(flight);
    else this.#letGo(window, flight);
  }

  #letGo(window: Window, flight: OutFlight): void {
    window.forget(flight);
    if (flight.stored) this.ledger?.note({ kind: "landed", direction: "out", packet: flight.packet });
  }
}
