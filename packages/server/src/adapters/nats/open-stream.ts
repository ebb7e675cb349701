import { createHash } from "node:crypto";
import { JetStreamApiError, type JetStreamManager, type StreamConfig, type StreamInfo } from "@nats-io/jetstream";
import { DEFAULTS, type NatsLogOptions } from "./options.ts";
import { HARD_SHARE } from "./room.ts";
import { Subjects } from "./subjects.ts";

/** A stream as it was found or made. */
export interface OpenStream {
  readonly subjects: Subjects;
  readonly epoch: string;
  readonly info: StreamInfo;
}

/** Finds the stream, or makes it. Throws a sentence for the operator if it is another program's. */
export async function openStream(jsm: JetStreamManager, options: NatsLogOptions): Promise<OpenStream> {
  const found = (await findStream(jsm, options.stream)) ?? (await makeStream(jsm, options));
  const token = found.config.metadata?.[TOKEN];
  if (token === undefined)
    throw new Error(`the stream ${options.stream} was not made by Tidegate; name another one, or delete it`);
  await checkLayout(jsm, found, options);
  const info = await adapt(jsm, found, options);
  return { subjects: new Subjects(baseOf(options.stream, token)), epoch: epochOf(token, info.created), info };
}

export async function findStream(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === NO_STREAM) return undefined;
    throw error;
  }
}

/**
 * A stream that is made anew has another token or another time of creation. Both, because a configuration that is copied
 * (by a backup tool) brings the token along.
 */
export function epochOf(token: string, created: string): string {
  return createHash("sha256").update(`${token}\n${created}`).digest("base64url").slice(0, 22);
}

async function makeStream(jsm: JetStreamManager, options: NatsLogOptions): Promise<StreamInfo> {
  try {
    return await jsm.streams.add(configOf(options, tokenOf(options.randomId())));
  } catch (error) {
    // Another gateway was faster.
    const info =
      error instanceof JetStreamApiError && error.code === NAME_TAKEN
        ? await findStream(jsm, options.stream)
        : undefined;
    if (info === undefined) throw explained(error, options);
    return info;
  }
}

function explained(error: unknown, { stream, maxBytes, durability }: NatsLogOptions): unknown {
  if (!(error instanceof JetStreamApiError) || !NO_ROOM.includes(error.code)) return error;
  const setting = durability === "memory" ? "max_memory_store" : "max_file_store";
  return new Error(
    `NATS has no room for the stream ${stream} with ${hardBytes(maxBytes)} bytes: ${error.message}. Lower log.maxBytes, of which a quarter ` +
      `more is reserved, or raise ${setting} of its jetstream block`,
    { cause: error },
  );
}

/** What the options say now and may change: the size, and a longer window of message ids. */
async function adapt(jsm: JetStreamManager, found: StreamInfo, options: NatsLogOptions): Promise<StreamInfo> {
  const { config } = found;
  const max_bytes = hardBytes(options.maxBytes);
  // Another gateway may have asked for longer.
  const duplicate_window = Math.max(config.duplicate_window, windowOf(options));
  if (max_bytes === config.max_bytes && duplicate_window === config.duplicate_window) return found;
  try {
    return await jsm.streams.update(options.stream, { max_bytes, duplicate_window });
  } catch (error) {
    throw explained(error, options);
  }
}

function windowOf({ idWindow = DEFAULTS.idWindow }: NatsLogOptions): number {
  return Math.max(MIN_WINDOW, idWindow) * NANOS;
}

/** Gateways that would look for a topic in different streams must not share them. */
async function checkLayout(
  jsm: JetStreamManager,
  { config }: StreamInfo,
  { stream, layout, relayout = false }: NatsLogOptions,
): Promise<void> {
  const stored = config.metadata?.[LAYOUT] ?? UNSPREAD;
  if (layout === undefined || layout === stored) return;
  if (!relayout)
    throw new Error(
      `the log's topics are spread over streams in another way: the stream ${stream} was made with "${stored}", this gateway has ` +
        `"${layout}" (log.shards and the shards of namespaces). Give all gateways the same. To change it, stop them all and start one with ` +
        `log.relayout: topics that move to another stream begin anew there, and their clients are told that they missed messages`,
    );
  await jsm.streams.update(stream, { ...config, metadata: { ...config.metadata, [LAYOUT]: layout } });
}

type NewStream = Partial<StreamConfig> & { readonly name: string };

function configOf(options: NatsLogOptions, token: string): NewStream {
  const { stream, durability, maxBytes, replicas = DEFAULTS.replicas } = options;
  const { all, live } = new Subjects(baseOf(stream, token));
  return {
    name: stream,
    subjects: [all],
    storage: durability === "memory" ? "memory" : "file",
    num_replicas: replicas,
    max_bytes: hardBytes(maxBytes),
    // What is refused can be sent again; what the server removes by itself nobody hears of.
    discard: "new",
    duplicate_window: windowOf(options),
    republish: { src: all, dest: live },
    allow_direct: true,
    allow_rollup_hdrs: true,
    metadata: { [TOKEN]: token, ...(options.layout !== undefined && { [LAYOUT]: options.layout }) },
  };
}

export function hardBytes(maxBytes: number): number {
  return Math.ceil(maxBytes * HARD_SHARE);
}

function baseOf(stream: string, token: string): string {
  return `tidegate.${stream}.${token}`;
}

/** As one token of a subject. */
function tokenOf(id: string): string {
  return id.replace(/[^\w-]/g, "").slice(0, 36);
}

/** Names the epoch in the metadata of the stream, and in its subjects: a gateway of another epoch reaches nothing. */
export const TOKEN = "tidegate.token";
/** Names the layout in the metadata. */
const LAYOUT = "tidegate.layout";
/** Of a stream that was made without one. */
const UNSPREAD = "streams=1 shards=1";
const NANOS = 1_000_000;
/** Milliseconds; the server refuses less. */
const MIN_WINDOW = 100;
const NO_STREAM = 10059;
const NAME_TAKEN = 10058;
/** No room on the disk, in memory, or in what the account may have. */
const NO_ROOM: readonly number[] = [10023, 10028, 10047];
