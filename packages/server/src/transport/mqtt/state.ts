import type { SessionChange } from "../../durable/session-store.ts";
import { Courier } from "./courier.ts";
import { writeFlight } from "./flight.ts";
import type { Ledger } from "./ledger.ts";
import { mayOverlap } from "./overlap.ts";
import { SharedMember } from "./shared.ts";
import { type ActiveSubscription, endedKey, writeSubscription } from "./subscription.ts";
import type { OutFlight, Window } from "./window.ts";

/** A message of QoS 2 from the client that is not released. */
export interface InFlight {
  readonly messageId: string;
  /** The log has it: when it comes again it is only acknowledged. */
  logged: boolean;
}

/** What a connected client's session is made of. If it is durable, its changes go to the store as well. */
export class SessionState {
  /** Id in the roster and in the store: client ids of two users never meet. */
  readonly key: string;
  /** Seconds that it outlives the connection; 0 for a session that ends with it. */
  expiry: number;
  /** Undefined unless it is durable. */
  readonly ledger: Ledger | undefined;
  /** With those that were ended and have still to deliver for others. */
  readonly all: ActiveSubscription[] = [];
  /** Whether two of them may name the same topic. */
  overlaps = false;
  /** By packet id. */
  received: Map<number, InFlight> | undefined = undefined;
  /** Positions that the store knows, by filter and epoch; made for the first one. */
  #stored: Map<string, number> | undefined = undefined;

  constructor(key: string, expiry: number, ledger: Ledger | undefined) {
    this.key = key;
    this.expiry = expiry;
    this.ledger = ledger;
  }

  /** Those that the client has. */
  get subscriptions(): readonly ActiveSubscription[] {
    return this.all.filter((each) => !isEnded(each));
  }

  find(filter: string): ActiveSubscription | undefined {
    return this.all.find((each) => each.filter === filter && !isEnded(each));
  }

  /** One more than all before it. */
  get nextOrder(): number {
    return (this.all.at(-1)?.order ?? 0) + 1;
  }

  /** Adds a subscription, in place of one with the same filter. */
  put(subscription: ActiveSubscription): void {
    const before = this.find(subscription.filter);
    if (before !== undefined) {
      this.#flush();
      before.stop();
      this.#drop(before);
    }
    this.all.push(subscription);
    this.#sort();
  }

  /** One that has ended, as it was stored. */
  putEnded(courier: Courier): void {
    this.all.push(courier);
    this.#sort();
  }

  /** `id` is unlike any other. False if there is no such subscription. */
  remove(filter: string, window: Window, id: string): boolean {
    const subscription = this.find(filter);
    if (subscription === undefined) return false;
    this.#flush();
    if (this.overlaps && subscription instanceof Courier) this.#retire(subscription, window, endedKey(filter, id));
    else {
      subscription.stop();
      this.#drop(subscription);
      this.#letGoOf(window, subscription);
    }
    return true;
  }

  /** Forgets those that were ended and are needed no more. */
  dropEnded(window: Window): void {
    if (!this.overlaps) return;
    const couriers = this.all.filter((each) => each instanceof Courier);
    for (const courier of couriers) {
      if (!courier.isOver(couriers)) continue;
      courier.stop();
      this.#drop(courier);
      this.#letGoOf(window, courier);
      this.ledger?.note({ kind: "unsubscribe", filter: courier.key });
    }
  }

  stop(): void {
    for (const subscription of this.all) subscription.stop();
  }

  /** Notes how far each subscription is, and lets go of what that covers. */
  notePositions(window: Window): void {
    if (this.ledger === undefined) return;
    for (const subscription of this.all) {
      if (subscription instanceof Courier) this.#notePositionOf(subscription, window);
      else if (subscription instanceof SharedMember)
        for (const [epoch, offset] of subscription.group.positions) this.#note(subscription.key, epoch, offset);
    }
  }

  /** Everything that is under way, so that the client finds it when it comes back. */
  noteFlights(window: Window): void {
    for (const flight of window.flights) if (!flight.stored) this.ledger?.note(this.changeOf(flight));
  }

  /** The log has a message of QoS 2 from the client. Nothing waits for the store: if it misses this, the log knows the id. */
  noteLogged(packet: number): void {
    const flight = this.received?.get(packet);
    if (flight === undefined || flight.logged) return;
    flight.logged = true;
    this.ledger?.note(arrived(packet, flight));
  }

  /** A message of QoS 2 from the client was not taken: the packet id is free. */
  forgetReceived(packet: number): void {
    if (this.received?.delete(packet) === true) this.ledger?.note({ kind: "landed", direction: "in", packet });
  }

  /** A change that stores the flight as it is. */
  changeOf(flight: OutFlight): SessionChange {
    flight.stored = true;
    return { kind: "flight", flight: writeFlight(flight) };
  }

  /** The client is done with a message. */
  landed(window: Window, flight: OutFlight): void {
    if (this.ledger === undefined || !this.#isOfCursor(flight)) return this.letGo(window, flight);
    window.finish(flight);
    // Until the position covers it, a message of QoS 2 must be known: it would be sent again if the server died. Of QoS 1
    // only those must be known that were acknowledged before an earlier one.
    for (const each of window.flights) {
      if (!each.done || each.qos === 2 || each.offset > (each.cursor?.taken ?? 0)) return;
      this.letGo(window, each);
    }
  }

  letGo(window: Window, flight: OutFlight): void {
    window.forget(flight);
    if (flight.stored) this.ledger?.note({ kind: "landed", direction: "out", packet: flight.packet });
  }

  #isOfCursor({ cursor, sender }: OutFlight): boolean {
    return cursor !== undefined && sender instanceof Courier && this.all.includes(sender);
  }

  #notePositionOf(courier: Courier, window: Window): void {
    for (const cursor of courier.reader.cursors) {
      const { epoch } = cursor.stream.log;
      const offset = courier.done(cursor);
      if (!this.#note(courier.key, epoch, offset)) continue;
      for (const flight of window.flights)
        if (flight.done && flight.cursor === cursor && flight.offset <= offset) this.letGo(window, flight);
    }
  }

  /** It goes on under a name of its own, with what is under way, so that the filter is free for another one. */
  #retire(courier: Courier, window: Window, key: string): void {
    this.#forgetPositions(courier);
    courier.retire(key);
    this.ledger?.note({ kind: "subscribe", filter: key, options: writeSubscription(courier) });
    if (this.ledger !== undefined) this.#notePositionOf(courier, window);
    for (const flight of window.flights)
      if (flight.sender === courier && flight.stored) this.ledger?.note(this.changeOf(flight));
    this.overlaps = true;
    courier.pump();
    this.dropEnded(window);
  }

  /** It delivers no more. */
  #drop(subscription: ActiveSubscription): void {
    const index = this.all.indexOf(subscription);
    if (index >= 0) this.all.splice(index, 1);
    this.#sort();
    this.#forgetPositions(subscription);
  }

  #forgetPositions({ key }: ActiveSubscription): void {
    for (const place of this.#stored?.keys() ?? []) if (place.endsWith(` ${key}`)) this.#stored?.delete(place);
  }

  /** Of two that are alike in rank the older one delivers, also when they were read from the store. */
  #sort(): void {
    if (this.all.length > 1) this.all.sort((a, b) => a.order - b.order);
    this.overlaps = mayOverlap(this.all) || this.all.some(isEnded);
  }

  /** What waits to leave is given out before anything changes in who delivers it. */
  #flush(): void {
    if (this.overlaps) for (const each of this.all) each.flush?.();
  }

  /** False if the store knows it. */
  #note(filter: string, epoch: string, offset: number): boolean {
    const place = `${epoch} ${filter}`;
    const stored = (this.#stored ??= new Map());
    if (stored.get(place) === offset) return false;
    stored.set(place, offset);
    this.ledger?.note({ kind: "position", filter, epoch, offset });
    return true;
  }

  /** Nothing covers them any more. */
  #letGoOf(window: Window, subscription: ActiveSubscription): void {
    for (const flight of window.flights) if (flight.sender === subscription && flight.done) this.letGo(window, flight);
  }
}

/** A change that stores a message of QoS 2 from the client. */
export function arrived(packet: number, { messageId, logged }: InFlight): SessionChange {
  const state = logged ? "received" : "sent";
  return { kind: "flight", flight: { direction: "in", packet, state, filter: "", epoch: "", offset: 0, messageId } };
}

function isEnded(subscription: ActiveSubscription): boolean {
  return subscription instanceof Courier && subscription.hasEnded;
}
