import { Courier } from "./courier.ts";
import type { Cursor } from "./cursor.ts";
import { changeOf } from "./flight.ts";
import type { Ledger } from "./ledger.ts";
import { SharedMember } from "./shared-member.ts";
import type { ActiveSubscription } from "./subscription.ts";
import type { OutFlight, Window } from "./window.ts";

/** While it is connected a session does not end; should nobody look after it any more, it is kept for a day longer than it asked. */
export const DAY = 86_400_000;

/** Messages for others after which a position is written again: it saves reading them, and costs a write. */
const STRIDE = 100_000;

/** How far a durable session's subscriptions are, as its store knows it, and what is under way beyond that. */
export class Progress {
  readonly ledger: Ledger;
  /** When the store would let the session end, if nobody put that off; in milliseconds since 1970. */
  keptUntil = Infinity;
  /** Positions that the store knows, by epoch and filter; made for the first one. */
  #stored: Map<string, number> | undefined = undefined;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  /** Puts off the end that the store has for the session, which is to outlive its connection by `expiry` seconds. */
  keep(now: number, expiry: number): void {
    this.keptUntil = now + expiry * 1000 + DAY;
    this.ledger.note({ kind: "expires", at: this.keptUntil });
  }

  /**
   * Notes how far each subscription is, and lets go of what that covers.
   *
   * @param isLast - the client leaves: what others were sent since its last message must not be looked through when it comes back
   */
  notePositions(subscriptions: readonly ActiveSubscription[], window: Window, isLast = false): void {
    for (const subscription of subscriptions) {
      if (subscription instanceof Courier) {
        passBy(subscription, isLast ? 1 : STRIDE);
        this.notePositionOf(subscription, window);
      }
      if (subscription instanceof SharedMember)
        for (const [epoch, offset] of subscription.group.positions) this.#note(subscription.key, epoch, offset);
    }
  }

  notePositionOf(courier: Courier, window: Window): void {
    for (const cursor of courier.reader.cursors) {
      const { epoch } = cursor.stream.log;
      const offset = doneOf(cursor, window);
      if (!this.#note(courier.key, epoch, offset)) continue;
      for (const flight of window.flights)
        if (flight.done && flight.cursor === cursor && flight.offset <= offset) this.letGo(window, flight);
    }
  }

  forgetPositions({ key }: ActiveSubscription): void {
    for (const place of this.#stored?.keys() ?? []) if (place.endsWith(` ${key}`)) this.#stored?.delete(place);
  }

  /** Everything that is under way, so that the client finds it when it comes back. */
  noteFlights(window: Window): void {
    for (const flight of window.flights) if (!flight.stored) this.ledger.note(changeOf(flight));
  }

  /** What the store knows of a subscriber's flights is written again: its name is another one now. */
  renameFlights(sender: ActiveSubscription, window: Window): void {
    for (const flight of window.flights)
      if (flight.sender === sender && flight.stored) this.ledger.note(changeOf(flight));
  }

  /** The client is done with a message that a position will cover. */
  landed(window: Window, flight: OutFlight): void {
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
    if (flight.stored) this.ledger.note({ kind: "landed", direction: "out", packet: flight.packet });
  }

  /** False if the store knows it. */
  #note(filter: string, epoch: string, offset: number): boolean {
    const place = `${epoch} ${filter}`;
    const stored = (this.#stored ??= new Map());
    if (stored.get(place) === offset) return false;
    stored.set(place, offset);
    this.ledger.note({ kind: "position", filter, epoch, offset });
    return true;
  }
}

/** Everything of a log up to this offset is done. */
function doneOf(cursor: Cursor, window: Window): number {
  let done = cursor.taken;
  for (const flight of window.flights)
    if (flight.cursor === cursor && !flight.done && flight.offset <= done) done = flight.offset - 1;
  return done;
}

/** Where at least so many messages were dispatched for others since its own last one, a subscription has taken all of them. */
function passBy({ reader }: Courier, stride: number): void {
  // What waits to go with others is dispatched, and was not taken.
  if (reader.group.pending !== undefined) return;
  for (const cursor of reader.cursors) {
    const { current, reading, taken, stream } = cursor;
    // By interest a message may come behind newer ones.
    const isSure = current && !reading && stream.log.interest === undefined;
    if (isSure && stream.dispatched - taken >= stride) cursor.taken = stream.dispatched;
  }
}
