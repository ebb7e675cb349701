import type { Encoder, Frame } from "../delivery/connection.ts";
import type { Subscriber } from "../delivery/subscription.ts";
import type { PresenceChange } from "./presence.ts";

export interface Told {
  readonly sent: number;
  readonly skipped: number;
}

/** One change on its way to a topic's subscribers, encoded once for each kind of receiver. */
export class Announcement {
  readonly #topic: string;
  readonly #change: PresenceChange;
  readonly #frames = new Map<Encoder, Frame>();
  /** Goes on over the set as it is: who has gone meanwhile is passed over, who has come is told too. */
  readonly #receivers: Iterator<Subscriber, undefined>;
  #done = false;

  constructor(topic: string, change: PresenceChange, subscribers: ReadonlySet<Subscriber>) {
    this.#topic = topic;
    this.#change = change;
    this.#receivers = subscribers.values();
  }

  /** All were told. */
  get done(): boolean {
    return this.#done;
  }

  /** Tells at most `limit` more of them, but not those with more than `maxBuffered` bytes still to take. */
  tell(limit: number, maxBuffered: number): Told {
    let sent = 0;
    let skipped = 0;
    while (sent + skipped < limit) {
      const { value: subscriber } = this.#receivers.next();
      if (subscriber === undefined) {
        this.#done = true;
        break;
      }
      const { connection, encoder } = subscriber;
      if (connection.getBufferedAmount() > maxBuffered) skipped++;
      else {
        connection.send(this.#frame(encoder));
        sent++;
      }
    }
    return { sent, skipped };
  }

  #frame(encoder: Encoder): Frame {
    let frame = this.#frames.get(encoder);
    if (frame === undefined) this.#frames.set(encoder, (frame = encode(encoder, this.#topic, this.#change)));
    return frame;
  }
}

/** Leaves first, then joins; both in one frame, so that they cost one write. */
function encode(encoder: Encoder, topic: string, { joined, left, count }: PresenceChange): Frame {
  const leave = () => encoder.push({ kind: "leave", topic, members: left, count });
  const join = () => encoder.push({ kind: "join", topic, members: joined, count });
  if (left.length === 0) return join();
  return joined.length === 0 ? leave() : encoder.join([leave(), join()]);
}
