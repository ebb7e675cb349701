import {
  jetstreamManager,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Clock } from "../../../clock.ts";
import { SessionsUnavailable, type SessionStore } from "../../../durable/session-store.ts";
import type { Durability } from "../../../log/log.ts";
import { checkDurability } from "../durability.ts";
import { Exchange } from "../exchange.ts";
import { openConnection, watchConnection } from "../link.ts";
import { findStream, TOKEN } from "../open-stream.ts";
import { DEFAULTS, type NatsAccess, type NatsLogOptions } from "../options.ts";
import { Mender } from "./mender.ts";
import { NatsSessionStore } from "./store.ts";
import { SessionStream } from "./stream.ts";
import { SessionSubjects } from "./subjects.ts";

export interface NatsSessionsOptions extends NatsAccess, Pick<NatsLogOptions, "replicas" | "timeout" | "monitors"> {
  /** Name of the stream: letters, digits, `_` and `-`. */
  readonly stream: string;
  readonly durability: Exclude<Durability, "memory">;
  readonly clock: Clock;
  readonly randomId: () => string;
  /** Bytes of the stream; past them writes are refused. */
  readonly maxBytes: number;
  /** Milliseconds for which the write of a claim waits for NATS that is away. Default 30 s. */
  readonly patience?: number;
  readonly warn: (message: string) => void;
}

/** Connects, and finds or makes the stream. Rejects with a sentence for the operator. */
export async function openNatsSessions(options: NatsSessionsOptions): Promise<SessionStore> {
  const connection = await openConnection(options);
  try {
    return await assemble(connection, options);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function assemble(connection: NatsConnection, options: NatsSessionsOptions): Promise<SessionStore> {
  const { stream: name, clock, randomId, timeout = DEFAULTS.timeout, patience = PATIENCE, warn } = options;
  checkVersion(connection);
  const jsm = await jetstreamManager(connection, { timeout });
  const info = (await findStream(jsm, name)) ?? (await makeStream(jsm, options));
  const token = info.config.metadata?.[TOKEN];
  if (token === undefined)
    throw new Error(`the stream ${name} was not made by Tidegate; name another one, or delete it`);
  await checkDurability(info.config, { ...logOptions(options), stream: name }, readJson);
  const exchange = new Exchange(connection, clock, timeout);
  const events = { down: () => exchange.down("NATS is away"), up: () => exchange.up(), warn };
  void watchConnection(connection, events);
  const subjects = new SessionSubjects(baseOf(name, token));
  const find = () => findStream(jsm, name);
  const mender = new Mender({ clock, find, make: () => jsm.streams.add(configOf(options, token)), warn });
  const maxMessage = (): number => connection.info?.max_payload ?? Infinity;
  const stream = new SessionStream({ exchange, name, subjects, maxMessage, missing: () => mender.look() });
  return new NatsSessionStore({ connection, stream, clock, randomId, patience });
}

/** Before, a write could not expect the newest message of two subjects, and messages did not go by themselves. */
function checkVersion({ info }: NatsConnection): void {
  const { version = "0.0" } = info ?? {};
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 2 || (major === 2 && minor < 11))
    throw new Error(
      `sessions take NATS 2.11 or later, this is ${version}; without MQTT (mqtt.enabled: false) it will do`,
    );
}

async function makeStream(jsm: JetStreamManager, options: NatsSessionsOptions): Promise<StreamInfo> {
  const token = options
    .randomId()
    .replace(/[^\w-]/g, "")
    .slice(0, 36);
  try {
    return await jsm.streams.add(configOf(options, token));
  } catch (error) {
    // Another gateway was faster.
    const isTaken = error instanceof JetStreamApiError && error.code === NAME_TAKEN;
    const info = isTaken ? await findStream(jsm, options.stream) : undefined;
    if (info === undefined) throw new SessionsUnavailable((error as Error).message, { cause: error });
    return info;
  }
}

type NewStream = Partial<StreamConfig> & { readonly name: string };

function configOf(
  { stream: name, maxBytes, replicas = DEFAULTS.replicas }: NatsSessionsOptions,
  token: string,
): NewStream {
  return {
    name,
    subjects: [new SessionSubjects(baseOf(name, token)).all],
    storage: "file",
    num_replicas: replicas,
    max_bytes: maxBytes,
    max_msgs_per_subject: 1,
    discard: "new",
    allow_direct: true,
    allow_msg_ttl: true,
    metadata: { [TOKEN]: token },
  };
}

function baseOf(name: string, token: string): string {
  return `tidegate.${name}.${token}`;
}

function logOptions({ durability, monitors }: NatsSessionsOptions): NatsLogOptions {
  return { durability, ...(monitors && { monitors }) } as NatsLogOptions;
}

async function readJson(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

const NAME_TAKEN = 10058;
const PATIENCE = 30_000;
