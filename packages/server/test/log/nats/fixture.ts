import {
  jetstreamManager,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type StreamAPI,
} from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { findNatsServer, NatsServer, type NatsServerOptions } from "../../../../../scripts/servers/nats.ts";
import { openNatsLog } from "../../../src/adapters/nats/log.ts";
import type { NatsLogOptions } from "../../../src/adapters/nats/options.ts";
import type { Log } from "../../../src/log/log.ts";
import { systemClock } from "../../../src/clock.ts";
import { KEEP_ALL } from "../fixture.ts";

/** Undefined: the tests are skipped. */
export const NATS = findNatsServer();

if (NATS === undefined)
  console.warn("skipped: the tests of the NATS log. Set NATS_SERVER to a nats-server's path, or put it into PATH.");

/** A server, and logs on it that are closed when the tests are over. */
export class NatsBench {
  readonly warnings: string[] = [];
  readonly #options: NatsServerOptions;
  readonly #open = new Set<Log>();
  #server: NatsServer | undefined;
  #count = 0;

  constructor(options: NatsServerOptions = {}) {
    this.#options = options;
  }

  get server(): NatsServer {
    if (this.#server === undefined) throw new Error("start it first");
    return this.#server;
  }

  /** The suites of several files may share one process: each has its own server. */
  start = async (): Promise<void> => {
    if (NATS !== undefined) this.#server = await NatsServer.start(NATS, this.#options);
  };

  remove = async (): Promise<void> => {
    await Promise.all([...this.#open].map((log) => log.close()));
    await this.#server?.remove();
  };

  stream(): string {
    return `log-${++this.#count}`;
  }

  async deleteStream(stream: string): Promise<void> {
    await this.manage((streams) => streams.delete(stream));
  }

  /** As a backup tool does: the same name, subjects and metadata, and nothing in it. */
  async remakeStream(stream: string): Promise<void> {
    await this.manage(async (streams) => {
      const { config } = await streams.info(stream);
      await streams.delete(stream);
      await streams.add(config);
    });
  }

  /** The server sends nothing on meanwhile: live messages are lost. */
  async withoutRepublish(stream: string, task: () => Promise<void>): Promise<boolean> {
    return this.manage(async (streams) => {
      const { config } = await streams.info(stream);
      const { republish } = config;
      // The library merges into what is there: a field goes only if it is named.
      const { config: without } = await streams.update(stream, { republish: undefined } as object);
      await task();
      await streams.update(stream, { republish } as object);
      return republish !== undefined && without.republish === undefined;
    });
  }

  /** Bytes that the server has sent to all of its clients. */
  bytesOut(): Promise<number> {
    return this.#figure("out_bytes");
  }

  /** Messages that all clients have sent to the server. */
  messagesIn(): Promise<number> {
    return this.#figure("in_msgs");
  }

  async #figure(name: "out_bytes" | "in_msgs"): Promise<number> {
    const answer = await fetch(`${this.server.monitor}/varz`);
    return ((await answer.json()) as Record<string, number>)[name] ?? Number.NaN;
  }

  /** Works on the streams behind the log's back. */
  async manage<T>(task: (streams: StreamAPI) => Promise<T>): Promise<T> {
    const connection = await connect({ servers: this.server.url });
    try {
      return await task((await jetstreamManager(connection)).streams);
    } finally {
      await connection.close();
    }
  }

  /** What is to be known of the consumers of all streams, as the server has them. */
  async consumers<T>(of: (config: ConsumerConfig) => T | undefined): Promise<readonly T[]> {
    return (await this.#eachConsumer(async (_, info) => of(info.config))).filter((found) => found !== undefined);
  }

  /** As an operator might. */
  async deleteConsumers(which: (config: ConsumerConfig) => boolean): Promise<void> {
    await this.#eachConsumer(async (jsm, { config, stream_name: stream, name }) => {
      if (which(config)) await jsm.consumers.delete(stream, name);
    });
  }

  async #eachConsumer<T>(task: (jsm: JetStreamManager, info: ConsumerInfo) => Promise<T>): Promise<readonly T[]> {
    const connection = await connect({ servers: this.server.url });
    try {
      const jsm = await jetstreamManager(connection);
      const found: T[] = [];
      for await (const name of jsm.streams.names())
        for await (const info of jsm.consumers.list(name)) found.push(await task(jsm, info));
      return found;
    } finally {
      await connection.close();
    }
  }

  async open(options: Partial<NatsLogOptions> = {}): Promise<Log> {
    const log = await openNatsLog({
      servers: [this.server.url],
      stream: this.stream(),
      durability: "process",
      clock: systemClock,
      randomId: () => crypto.randomUUID(),
      retention: () => KEEP_ALL,
      maxBytes: 1 << 28,
      warn: (message) => void this.warnings.push(message),
      ...options,
    });
    this.#open.add(log);
    return log;
  }
}
