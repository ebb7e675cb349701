import type { Quality } from "@tidegate/protocol";
import type { Cursor } from "./cursor.ts";
import type { SubscriptionOptions } from "./subscription.ts";

/** Whose message it is. */
export interface Sender {
  readonly filter: string;
  /** Name of the subscription in the store. */
  readonly key: string;
  readonly options: SubscriptionOptions;
}

/** A message of QoS 1 or 2 on its way to the client. */
export interface OutFlight {
  readonly packet: number;
  readonly sender: Sender;
  /** Undefined for what is no step of a cursor: a retained value, or a message of a subscription that is gone. */
  readonly cursor: Cursor | undefined;
  /** Where the message stands. */
  readonly epoch: string;
  readonly offset: number;
  readonly qos: Exclude<Quality, 0>;
  /** It answers a subscription with the retained value of a topic. */
  readonly retained: boolean;
  /** QoS 2: the client has said that it has it, and PUBREL is on its way. */
  received: boolean;
  /** The client is done with it; it is kept until its position covers it. */
  done: boolean;
  /** The store knows it. */
  stored: boolean;
}

/** A message that has no packet id yet. */
export type Departure = Pick<OutFlight, "sender" | "cursor" | "epoch" | "offset" | "qos" | "retained">;

const LAST_ID = 65_535;
/** Packet ids that are never all in use, so that a free one is found soon. */
const SPARE = 1000;

/** What is under way to one client, over all of its subscriptions: bounded by what the client takes. */
export class Window {
  readonly #max: number;
  readonly #flights = new Map<number, OutFlight>();
  #lastId = 0;
  #open = 0;

  /** `max`: the client's receive maximum, or the server's bound if that is lower. */
  constructor(max: number) {
    this.#max = max;
  }

  get room(): number {
    return Math.min(this.#max - this.#open, LAST_ID - SPARE - this.#flights.size);
  }

  /** In the order in which they were sent. */
  get flights(): IterableIterator<OutFlight> {
    return this.#flights.values();
  }

  get(packet: number): OutFlight | undefined {
    return this.#flights.get(packet);
  }

  /** Gives the message a packet id that is free. Whoever calls has looked that there is room. */
  take({ sender, cursor, epoch, offset, qos, retained }: Departure): OutFlight {
    do this.#lastId = this.#lastId === LAST_ID ? 1 : this.#lastId + 1;
    while (this.#flights.has(this.#lastId));
    return this.put({
      packet: this.#lastId,
      sender,
      cursor,
      epoch,
      offset,
      qos,
      retained,
      received: false,
      done: false,
      stored: false,
    });
  }

  /** Puts back what was under way before the client came back. */
  put(flight: OutFlight): OutFlight {
    this.#flights.set(flight.packet, flight);
    if (!flight.done) this.#open += 1;
    return flight;
  }

  /** The client is done with it: there is room for another one. */
  finish(flight: OutFlight): void {
    if (flight.done) return;
    flight.done = true;
    this.#open -= 1;
  }

  /** Nothing must be known of it any more. */
  forget(flight: OutFlight): void {
    this.finish(flight);
    this.#flights.delete(flight.packet);
  }
}
