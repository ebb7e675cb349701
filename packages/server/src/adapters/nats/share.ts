import { createInbox, type Msg, type NatsConnection, type Subscription } from "@nats-io/transport-node";
import { every, type Cancel, type Clock } from "../../clock.ts";
import type { Share, ShareTaker, ShareWish } from "../../log/share.ts";
import type { Exchange } from "./exchange.ts";
import { Head } from "./head.ts";
import { decodeRecord, HEADER } from "./record.ts";
import { ACK_WAIT, NANOS, SHORTEST_KEEP, ShareConsumer, type ShareConsumerParts } from "./share-consumer.ts";

export interface NatsShareParts extends ShareConsumerParts {
  readonly connection: NatsConnection;
  readonly clock: Clock;
  readonly exchange: Exchange;
}

/** What this node was given and is not done with. */
interface Held {
  /** Subject on which the server hears what becomes of it. */
  readonly reply: string;
  /** When the server heard of it last, in milliseconds since 1970. */
  told: number;
}

/**
 * A durable consumer that all gateways pull from. The server remembers what was given to whom: what a gateway that was killed had, it
 * gives to others when it has not heard of it for a while.
 */
export class NatsShare implements Share {
  readonly ready: Promise<void>;
  readonly #parts: NatsShareParts;
  readonly #consumer: ShareConsumer;
  readonly #taker: ShareTaker;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #held = new Map<number, Held>();
  /** Messages that the server was asked for and has neither given nor refused. */
  #asked = 0;
  #askedAt = 0;
  #begun = false;
  #beginning = false;
  /** The newest offset that came. */
  #newest: number | undefined;
  /** How often the connection had been lost when the server was asked last. */
  #losses = 0;
  readonly #stopRounds: Cancel;
  #stopped = false;

  constructor(parts: NatsShareParts, wish: ShareWish, taker: ShareTaker) {
    this.#parts = parts;
    this.#consumer = new ShareConsumer(parts, wish);
    this.#taker = taker;
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) this.#hear(message);
    };
    this.#subscription = parts.connection.subscribe(this.#inbox, { callback });
    this.ready = this.#begin();
    this.ready.catch(() => {});
    this.#stopRounds = every(parts.clock, ROUND, () => this.#round());
  }

  pump(): void {
    if (!this.#begun || this.#stopped || this.#parts.exchange.fault !== undefined) return;
    const wanted = Math.min(this.#taker.room(), MAX_PULL) - this.#asked;
    // Few at a time only where nothing is under way: a question for each message would cost more than the message.
    if (wanted <= 0 || (this.#asked > 0 && wanted < this.#asked)) return;
    this.#asked += wanted;
    this.#askedAt = this.#parts.clock.now();
    const body = JSON.stringify({ batch: wanted, expires: EXPIRES * NANOS });
    const { connection, stream } = this.#parts;
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${this.#consumer.name}`, body, { reply: this.#inbox });
  }

  done(offset: number): void {
    this.#tell(offset, "+ACK");
  }

  giveBack(offset: number): void {
    this.#tell(offset, "-NAK");
  }

  keep(ms: number): void {
    this.#consumer.keep(ms, this.#begun);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#stopRounds();
    // The server gives nothing to a question that nobody hears the answer of.
    this.#subscription.unsubscribe();
    for (const offset of [...this.#held.keys()]) this.giveBack(offset);
  }

  async #begin(): Promise<void> {
    this.#beginning = true;
    try {
      await this.#consumer.begin(this.#newest);
      this.#begun = true;
      this.pump();
    } finally {
      this.#beginning = false;
    }
  }

  /** The server knows nothing of the group any more, as after a loss of its store: it goes on behind what came. */
  #beginAgain(): void {
    if (this.#beginning || this.#stopped) return;
    this.#begun = false;
    this.#asked = 0;
    // What fails is tried again in the next round.
    this.#begin().catch(() => {});
  }

  #hear(message: Msg): void {
    const offset = message.reply === undefined ? undefined : sequenceOf(message.reply);
    if (offset === undefined || message.reply === undefined) return this.#refused(new Head(message));
    this.#asked = Math.max(0, this.#asked - 1);
    this.#newest = Math.max(this.#newest ?? 0, offset);
    const known = this.#held.has(offset);
    this.#held.set(offset, { reply: message.reply, told: this.#parts.clock.now() });
    // The server did not hear for too long that this node still has it.
    if (known) return;
    const topic = this.#parts.subjects.topicOf(message.subject);
    const { message: decoded } = decodeRecord(topic, new Head(message).get(HEADER), message.data.slice());
    this.#taker.take({ message: decoded, offset, previous: 0 });
    if (this.#asked === 0) this.pump();
  }

  /** A question is over without as many messages as it asked for. */
  #refused(head: Head): void {
    const left = head.get("Nats-Pending-Messages");
    this.#asked = left === "" ? 0 : Math.max(0, this.#asked - Number(left));
    if (head.code === NOBODY || head.description.includes("Consumer Deleted")) return this.#beginAgain();
    // Anything but the end of its time may come again at once.
    if (head.code === TIME_OVER) this.pump();
  }

  #tell(offset: number, what: string): void {
    const held = this.#held.get(offset);
    if (held === undefined) return;
    this.#held.delete(offset);
    this.#publish(held.reply, what);
  }

  #publish(subject: string, text: string): void {
    const { connection } = this.#parts;
    if (!connection.isClosed()) connection.publish(subject, text);
  }

  #round(): void {
    const { clock, exchange } = this.#parts;
    const now = clock.now();
    const isAway = exchange.fault !== undefined;
    // A server that was away knows of no question any more.
    if (this.#losses !== exchange.losses || now - this.#askedAt > EXPIRES + ROUND) this.#asked = 0;
    this.#losses = exchange.losses;
    if (!isAway)
      for (const held of this.#held.values())
        if (now - held.told > ACK_WAIT / 3) {
          held.told = now;
          this.#publish(held.reply, "+WPI");
        }
    if (this.#begun) this.#stay(now);
    else if (!isAway) this.#beginAgain();
    this.pump();
  }

  /** Where nobody has room, nothing is asked for: the server hears of the group by a question that no message fits. */
  #stay(now: number): void {
    if (this.#asked > 0 || now - this.#askedAt < SHORTEST_KEEP / 3) return;
    this.#askedAt = now;
    const { connection, stream } = this.#parts;
    const body = JSON.stringify({ batch: 1, no_wait: true, max_bytes: 1 });
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${this.#consumer.name}`, body, { reply: this.#inbox });
  }
}

/** `$JS.ACK.<stream>.<consumer>.<given>.<sequence>.…`, with two more words before the stream where servers know domains. */
function sequenceOf(reply: string): number | undefined {
  const words = reply.split(".");
  if (words[0] !== "$JS" || words[1] !== "ACK") return undefined;
  return Number(words[words.length <= 9 ? 5 : 7]);
}

/** Milliseconds between two rounds. */
const ROUND = 1000;
/** Milliseconds for which a question waits for messages. */
const EXPIRES = 20_000;
const MAX_PULL = 500;
const TIME_OVER = 408;
const NOBODY = 503;
