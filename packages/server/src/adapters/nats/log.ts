import type { Message, Stored } from "@tidegate/protocol";
import {
  LogUnavailable,
  type Appended,
  type Durability,
  type Interest,
  type LatestQuery,
  type Log,
  type Page,
  type ReadQuery,
  type RetainedPage,
  type TailHandler,
} from "../../log/log.ts";
import { epochOf, findStream, TOKEN } from "./open-stream.ts";
import { watchConnection } from "./link.ts";
import type { Parts } from "./assemble.ts";
import { NatsShare } from "./share.ts";
import { openParts } from "./open.ts";
import type { NatsLogOptions } from "./options.ts";
import { unavailable } from "./unavailable.ts";

/**
 * Opens the log in a stream, or makes it. Rejects with `LogUnavailable` if there is no NATS, and with a sentence for the operator
 * if the stream is another program's or cannot keep the promise.
 */
export async function openNatsLog(options: NatsLogOptions): Promise<Log> {
  const fetchJson = async (url: string): Promise<unknown> =>
    (await fetch(url, { signal: AbortSignal.timeout(5000) })).json();
  return new NatsLog(await openParts(options, fetchJson), options);
}

class NatsLog implements Log {
  readonly durability: Durability;
  readonly epoch: string;
  readonly interest: ((filter: string) => Interest) | undefined;
  readonly share: NonNullable<Log["share"]>;
  readonly #parts: Parts;
  readonly #stream: string;
  readonly #onLost: () => void;
  #closing: Promise<void> | undefined;
  #trimming: Promise<void> | undefined;
  #lost = false;

  constructor(parts: Parts, { durability, stream, warn, lost = () => {} }: NatsLogOptions) {
    this.#parts = parts;
    this.#stream = stream;
    this.#onLost = lost;
    this.durability = durability;
    this.epoch = parts.epoch;
    const { subscriber } = parts;
    this.interest = subscriber && ((filter) => subscriber.want(filter));
    this.share = (wish, taker) => new NatsShare({ ...parts, stream }, wish, taker);
    const down = (): void => {
      parts.exchange.down("NATS is not connected");
      parts.tail.pause();
    };
    const look = (): void => void this.#lastSeq().catch(() => undefined);
    parts.connection.subscribe(`${STREAM_DELETED}.${stream}`, { callback: look });
    void watchConnection(parts.connection, { down, up: () => void this.#back(), warn });
  }

  head(): number {
    return this.#parts.handover.head;
  }

  get strain(): number {
    return this.#parts.room.strain;
  }

  append(messages: readonly Message[]): Promise<readonly Appended[]> {
    return this.#running(() => this.#parts.publisher.append(messages));
  }

  read(query: ReadQuery): Promise<Page> {
    return this.#running(() => this.#parts.reader.read(query));
  }

  latest(query: LatestQuery): Promise<Page> {
    return this.#running(() => this.#parts.reader.latest(query));
  }

  retained(filter: string, limit: number): Promise<readonly Stored[]> {
    return this.#running(() => this.#parts.reader.retained(filter, limit));
  }

  retainedPage(query: ReadQuery): Promise<RetainedPage> {
    return this.#running(() => this.#parts.reader.retainedPage(query));
  }

  tail(handler: TailHandler): () => void {
    const { handover } = this.#parts;
    if (handover.handler !== undefined) throw new Error("this log has a tail already");
    handover.handler = handler;
    return () => {
      if (handover.handler === handler) handover.handler = undefined;
    };
  }

  /** A second call while one is under way waits for that one. */
  trim(): Promise<void> {
    return this.#running(() => (this.#trimming ??= this.#trim().finally(() => (this.#trimming = undefined))));
  }

  /** Whether the stream is there, the same one, has room, stores, and sends on what it has stored. */
  probe(): Promise<void> {
    return this.#running(async () => {
      const { exchange, tail, barrier, room } = this.#parts;
      if (exchange.fault !== undefined) throw new LogUnavailable(exchange.fault);
      tail.expect(await this.#lastSeq());
      if (room.isShort) throw new LogUnavailable("the stream is nearly full: its retention has to make room");
      await barrier?.pass();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { connection, publisher, tail, state } = this.#parts;
    state.closing = true;
    await publisher.idle();
    await this.#trimming?.catch(() => {});
    tail.end();
    await connection.close();
  }

  async #trim(): Promise<void> {
    await this.#lastSeq();
    await this.#parts.trimmer.run();
  }

  /** The connection is there again. The stream is looked at before anything is stored in it. */
  async #back(): Promise<void> {
    const { exchange, tail, clock, state } = this.#parts;
    try {
      const last = await this.#lastSeq();
      exchange.up();
      tail.expect(last);
      await tail.catchUp();
    } catch {
      // JetStream needs a moment after its server is there.
      if (!state.closing && !this.#lost) clock.after(RETRY, () => void this.#back());
    }
  }

  /** Sequence of the stream's newest message. Rejects if it is not the one that was opened: then nothing is right any more. */
  async #lastSeq(): Promise<number> {
    const { exchange, jsm, state, room } = this.#parts;
    const info = await findStream(jsm, this.#stream);
    const token = info?.config.metadata?.[TOKEN];
    if (info !== undefined && token !== undefined && epochOf(token, info.created) === this.epoch) {
      room.said(info.state.bytes, info.config.max_bytes);
      return info.state.last_seq;
    }
    exchange.down(`the stream ${this.#stream} was lost; the log must be opened anew`);
    if (!this.#lost && !state.closing) this.#onLost();
    this.#lost = true;
    throw new LogUnavailable(exchange.fault ?? "");
  }

  async #running<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new LogUnavailable("the log is closed");
    try {
      return await task();
    } catch (error) {
      throw unavailable(error);
    }
  }
}

const STREAM_DELETED = "$JS.EVENT.ADVISORY.STREAM.DELETED";
/** Milliseconds. */
const RETRY = 200;
