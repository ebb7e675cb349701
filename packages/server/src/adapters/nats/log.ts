import type { Message, Stored } from "@tidegate/protocol";
import {
  LogUnavailable,
  type Appended,
  type Durability,
  type LatestQuery,
  type Log,
  type Page,
  type ReadQuery,
  type TailHandler,
} from "../../log/log.ts";
import { epochOf, findStream } from "./open-stream.ts";
import { watchConnection } from "./link.ts";
import { openParts, unavailable, type Parts } from "./open.ts";
import type { NatsLogOptions } from "./options.ts";

export type { NatsCredentials, NatsLogOptions } from "./options.ts";

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
  readonly #parts: Parts;
  readonly #stream: string;
  #closing: Promise<void> | undefined;
  #trimming: Promise<void> | undefined;

  constructor(parts: Parts, { durability, stream, warn }: NatsLogOptions) {
    this.#parts = parts;
    this.#stream = stream;
    this.durability = durability;
    this.epoch = parts.epoch;
    const { exchange, tail } = parts;
    const down = (): void => exchange.down();
    const up = (): void => {
      exchange.up();
      void tail.catchUp();
    };
    void watchConnection(parts.connection, { down, up, warn });
  }

  head(): number {
    return this.#parts.tail.head;
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

  tail(handler: TailHandler): () => void {
    const { tail } = this.#parts;
    if (tail.handler !== undefined) throw new Error("this log has a tail already");
    tail.handler = handler;
    return () => {
      if (tail.handler === handler) tail.handler = undefined;
    };
  }

  /** A second call while one is under way waits for that one. */
  trim(): Promise<void> {
    return this.#running(
      () => (this.#trimming ??= this.#parts.trimmer.run().finally(() => (this.#trimming = undefined))),
    );
  }

  /** Whether the stream is there, the same one, and answers. */
  probe(): Promise<void> {
    return this.#running(async () => {
      const { exchange, jsm, tail } = this.#parts;
      if (!exchange.isUp) throw new LogUnavailable("NATS is not connected");
      const info = await findStream(jsm, this.#stream);
      const token = info?.config.metadata?.["tidegate.token"];
      if (info === undefined || token === undefined || epochOf(token, info.created) !== this.epoch)
        throw new LogUnavailable(`the stream ${this.#stream} was lost; the log must be opened anew`);
      tail.expect(info.state.last_seq);
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

  async #running<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new LogUnavailable("the log is closed");
    try {
      return await task();
    } catch (error) {
      throw unavailable(error);
    }
  }
}
