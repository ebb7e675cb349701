import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { Clock } from "../../clock.ts";
import { LogUnavailable } from "../../log/log.ts";
import { Chain, type Lost } from "./chain.ts";
import { Direct, rawOf } from "./direct.ts";
import { checkDurability, type FetchJson } from "./durability.ts";
import { Duplicates } from "./duplicates.ts";
import { Exchange } from "./exchange.ts";
import { openConnection } from "./link.ts";
import { openStream, type OpenStream } from "./open-stream.ts";
import { DEFAULTS, type NatsLogOptions } from "./options.ts";
import { Publisher } from "./publisher.ts";
import { Reader } from "./reader.ts";
import { Tail } from "./tail.ts";
import { Trimmer } from "./trimmer.ts";

/** What a log on NATS is made of. */
export interface Parts {
  readonly connection: NatsConnection;
  readonly clock: Clock;
  readonly jsm: JetStreamManager;
  readonly epoch: string;
  readonly exchange: Exchange;
  readonly direct: Direct;
  readonly publisher: Publisher;
  readonly reader: Reader;
  readonly tail: Tail;
  readonly trimmer: Trimmer;
  readonly state: { closing: boolean };
}

/** Connects, finds or makes the stream, and begins to follow it. */
export async function openParts(options: NatsLogOptions, fetchJson: FetchJson): Promise<Parts> {
  const connection = await openConnection(options);
  try {
    checkPayload(connection, options);
    const jsm = await jetstreamManager(connection, { timeout: options.timeout ?? DEFAULTS.timeout });
    const stream = await openStream(jsm, options);
    await checkDurability(stream.info.config, options, fetchJson);
    const parts = assemble(connection, jsm, stream, options);
    await startTail(parts, stream, options);
    return parts;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function checkPayload({ info }: NatsConnection, { maxPayload = 0 }: NatsLogOptions): void {
  const allowed = (info?.max_payload ?? 0) - HEADER_ROOM;
  if (maxPayload > allowed)
    throw new Error(
      `NATS takes payloads up to ${allowed} bytes, and messages may have ${maxPayload}; set max_payload in its configuration to ${maxPayload + HEADER_ROOM} or more`,
    );
}

function assemble(
  connection: NatsConnection,
  jsm: JetStreamManager,
  stream: OpenStream,
  options: NatsLogOptions,
): Parts {
  const { clock, retention, timeout = DEFAULTS.timeout, maxInFlight = DEFAULTS.maxInFlight } = options;
  const { subjects } = stream;
  const lost: Lost = { upTo: 0 };
  const exchange = new Exchange(connection, clock, timeout);
  const direct = new Direct(exchange, options.stream);
  const chain = new Chain(direct, subjects, lost);
  const state = { closing: false };
  const tail = new Tail({
    ...{ clock, direct, chain, subjects, lost },
    warn: options.warn,
    handed: (links) => publisher.handed(links),
  });
  const duplicates = new Duplicates({ clock, exchange, direct, chain, subjects, retention });
  const way = { clock, exchange, subjects, retention, duplicates, tail, timeout, maxInFlight };
  const publisher = new Publisher({ ...way, node: options.randomId() });
  const reader = new Reader({ direct, chain, subjects, tail, lost });
  const idWindow = stream.info.config.duplicate_window / NANOS;
  const trim = { clock, jsm, stream: options.stream, exchange, direct, chain, subjects, retention, lost, idWindow };
  const trimmer = new Trimmer({ ...trim, maxBytes: options.maxBytes, isClosed: () => state.closing });
  return { connection, clock, jsm, epoch: stream.epoch, exchange, direct, publisher, reader, tail, trimmer, state };
}

async function startTail(
  { connection, direct, tail, jsm }: Parts,
  { subjects }: OpenStream,
  { stream }: NatsLogOptions,
): Promise<void> {
  const callback = (error: Error | null, message: Msg): void => {
    if (error === null) tail.take(rawOf(message));
  };
  connection.subscribe(subjects.live, { callback });
  // The server has the subscription before it is asked where the stream ends: nothing falls in between.
  await connection.flush();
  const { state } = await jsm.streams.info(stream);
  const [last, lost] = await Promise.all([direct.last(subjects.every("m")), direct.last(subjects.lost)]);
  tail.start(state.last_seq, last?.seq ?? 0, Number(lost?.message.string() ?? 0));
}

/** Bytes for what stands beside the payload. */
const HEADER_ROOM = 16 * 1024;
const NANOS = 1_000_000;

export function unavailable(error: unknown): LogUnavailable {
  if (error instanceof LogUnavailable) return error;
  return new LogUnavailable(`NATS: ${(error as Error).message}`, { cause: error });
}
