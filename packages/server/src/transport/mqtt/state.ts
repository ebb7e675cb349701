import type { Arrival } from "./arrivals.ts";
import { Courier } from "./courier.ts";
import type { Ledger } from "./ledger.ts";
import { isEnded, type Overlap, overlapOf } from "./overlap.ts";
import { Progress } from "./progress.ts";
import { arrived, type InFlight } from "./received.ts";
import { type ActiveSubscription, endedKey, writeSubscription } from "./subscription.ts";
import type { OutFlight, Window } from "./window.ts";

/**
 * What a connected client's session is made of. If it is durable, its changes go to the store as well. Small: what only
 * durable sessions have is in their progress, and the memory of each client is counted.
 */
export class SessionState {
  /** Id in the roster and in the store: client ids of two users never meet. */
  readonly key: string;
  readonly #claim: number;
  readonly #at: number;
  /** Seconds that it outlives the connection; 0 for a session that ends with it. */
  expiry: number;
  /** Undefined unless it is durable. */
  readonly progress: Progress | undefined;
  /** With those that were ended and have still to deliver for others. */
  readonly all: ActiveSubscription[] = [];
  /** Undefined unless two of them may name the same topic. */
  overlap: Overlap | undefined = undefined;
  /** By packet id. */
  received: Map<number, InFlight> | undefined = undefined;

  constructor({ key, claim, at }: Arrival, expiry: number, ledger: Ledger | undefined) {
    this.key = key;
    this.#claim = claim;
    this.#at = at;
    this.expiry = expiry;
    this.progress = ledger === undefined ? undefined : new Progress(ledger);
  }

  /** Undefined unless it is durable. */
  get ledger(): Ledger | undefined {
    return this.progress?.ledger;
  }

  /** When the client came, so that others know which of two connections is the later one. */
  get arrival(): Arrival {
    return { key: this.key, claim: this.#claim, at: this.#at };
  }

  get overlaps(): boolean {
    return this.overlap !== undefined;
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

  /** Adds a subscription, in place of the one with the same filter, if there is one. `flush` was called before. */
  put(subscription: ActiveSubscription, before?: ActiveSubscription): void {
    before?.stop();
    if (before !== undefined) this.#drop(before);
    this.#insert(subscription);
    this.changed();
  }

  /** One that has ended, as it was stored. */
  putEnded(courier: Courier): void {
    this.#insert(courier);
    this.changed();
  }

  /** What waits to leave is given out before anything changes in who delivers it. */
  flush(): void {
    if (this.overlaps) for (const each of this.all) each.flush?.();
  }

  /** `id` is unlike any other. False if there is no such subscription. `flush` was called before. */
  remove(filter: string, window: Window, id: string): boolean {
    const subscription = this.find(filter);
    if (subscription === undefined) return false;
    if (this.overlaps && subscription instanceof Courier) this.#retire(subscription, window, endedKey(filter, id));
    else {
      subscription.stop();
      this.#drop(subscription);
      this.changed();
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
      this.changed();
      this.#letGoOf(window, courier);
      this.ledger?.note({ kind: "unsubscribe", filter: courier.key });
    }
  }

  /** A subscription is another one now, or wants something else. */
  changed(): void {
    this.overlap = overlapOf(this.all);
  }

  stop(): void {
    for (const subscription of this.all) subscription.stop();
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

  /** The client is done with a message. Of a durable session it is kept until a position covers it. */
  landed(window: Window, flight: OutFlight): void {
    if (this.progress !== undefined && this.#isOfCursor(flight)) this.progress.landed(window, flight);
    else this.letGo(window, flight);
  }

  letGo(window: Window, flight: OutFlight): void {
    if (this.progress === undefined) window.forget(flight);
    else this.progress.letGo(window, flight);
  }

  #isOfCursor({ cursor, sender }: OutFlight): boolean {
    return cursor !== undefined && sender instanceof Courier && this.all.includes(sender);
  }

  /** It goes on under a name of its own, with what is under way, so that the filter is free for another one. */
  #retire(courier: Courier, window: Window, key: string): void {
    this.progress?.forgetPositions(courier);
    courier.retire(key);
    this.ledger?.note({ kind: "subscribe", filter: key, options: writeSubscription(courier) });
    this.progress?.notePositionOf(courier, window);
    this.progress?.renameFlights(courier, window);
    this.changed();
    courier.pump();
    this.dropEnded(window);
  }

  /** It delivers no more. */
  #drop(subscription: ActiveSubscription): void {
    const index = this.all.indexOf(subscription);
    if (index >= 0) this.all.splice(index, 1);
    this.progress?.forgetPositions(subscription);
  }

  /** Of two that are alike in rank the older one delivers, also when they were read from the store. */
  #insert(subscription: ActiveSubscription): void {
    let at = this.all.length;
    while (at > 0 && this.all[at - 1]!.order > subscription.order) at -= 1;
    this.all.splice(at, 0, subscription);
  }

  /** Nothing covers them any more. */
  #letGoOf(window: Window, subscription: ActiveSubscription): void {
    for (const flight of window.flights) if (flight.sender === subscription && flight.done) this.letGo(window, flight);
  }
}
