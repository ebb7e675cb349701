import { isWildcard, namespaceOf, type Stored } from "@tidegate/protocol";
import { MemoryLog } from "../adapters/memory/log.ts";
import type { Cancel } from "../clock.ts";
import { Appender } from "../log/appender.ts";
import type { Durability, Log, Retention, RetentionOf } from "../log/log.ts";
import { RenewableLog } from "../log/renewable-log.ts";
import { follow, type PlaceOf, type Stream, type StreamOf } from "../log/stream.ts";
import { namespacePolicy, type NamespaceSettings, type Options } from "../options/index.ts";
import { openLog, type OpenLogParts } from "./open-log.ts";
import { shardOf, shardsFault, shardsOf } from "./shards.ts";

export interface StreamsParts extends OpenLogParts {
  readonly deliver: (batch: readonly Stored[]) => void;
  /** After the publishers of one commit were answered. */
  readonly answered: () => void;
  /** A log is about to become another one, because it was lost: nobody's position in it says anything from then on. */
  readonly ending: (stream: Stream) => void;
  /** It is the other one. */
  readonly renewed: (stream: Stream) => void;
}

/** Topics of the server itself. */
const OWN_NAMESPACE = "$SYS";
const OWN_RETENTION: Retention = { size: 100, age: 3_600_000, idWindow: 0 };
const OWN_BYTES = 16 * 1024 * 1024;

/** Messages of one commit: one transaction of this many takes about 5 ms, the longest that a turn should. */
const COMMIT_MESSAGES = 1000;

/** The logs of this node, one or several for each durability that its namespaces ask for. */
export class Streams {
  readonly #byDurability = new Map<Durability, readonly Stream[]>();
  /** What the server says of itself: in memory, so that it takes no place in a log that others number. */
  #own: Stream | undefined = undefined;
  readonly #settings: (namespace: string) => NamespaceSettings;
  readonly #retention: RetentionOf;
  readonly #stop: Cancel[] = [];

  private constructor(options: Options) {
    this.#settings = namespacePolicy(options);
    this.#retention = retentionOf(options, this.#settings);
  }

  /** Rejects with a sentence for the operator if a file is damaged, foreign, or in use by another process. */
  static async open(parts: StreamsParts): Promise<Streams> {
    const { options } = parts;
    const fault = shardsFault(options);
    if (fault !== undefined) throw new Error(fault);
    const streams = new Streams(options);
    try {
      await streams.#openAll(parts);
      return streams;
    } catch (error) {
      await streams.close();
      throw error;
    }
  }

  async #openAll(parts: StreamsParts): Promise<void> {
    const { options, clock, randomId } = parts;
    const all = [options.namespaceDefaults, ...options.namespaces.values()];
    for (const durability of new Set(all.map((each) => each.durability))) await this.#open(durability, parts);
    const own = { clock, epoch: randomId(), retention: () => OWN_RETENTION, maxBytes: OWN_BYTES };
    this.#own = this.#start(new MemoryLog(own), parts);
  }

  /** The logs of the namespaces, without the one for what the server says of itself. */
  get all(): readonly Stream[] {
    return [...this.#byDurability.values()].flat();
  }

  readonly of: StreamOf = (topic, namespace = namespaceOf(topic)) => {
    if (namespace === OWN_NAMESPACE && this.#own !== undefined) return this.#own;
    const { durability, shards } = this.#settings(namespace);
    const streams = this.#streams(durability);
    // The usual case, for every publish: nothing is hashed or made.
    const at = streams.length === 1 ? 0 : shardOf(topic, namespace, { streams: streams.length, shards });
    const stream = streams[at];
    if (stream === undefined) throw new Error("a topic must have a log");
    return stream;
  };

  readonly placeOf: PlaceOf = (filter) => {
    const namespace = namespaceOf(filter);
    if (!isWildcard(filter)) return this.of(filter, namespace);
    if (isWildcard(namespace)) return undefined;
    const isSpread = namespace !== OWN_NAMESPACE && this.#settings(namespace).shards > 1;
    return isSpread ? undefined : this.of(filter, namespace);
  };

  /** The logs that may hold topics of a filter. */
  readonly holding = (filter: string): readonly Stream[] => {
    const place = this.placeOf(filter);
    if (place !== undefined) return [place];
    const namespace = namespaceOf(filter);
    if (isWildcard(namespace)) return this.all;
    const { durability, shards } = this.#settings(namespace);
    const streams = this.#streams(durability);
    const places = shardsOf(namespace, { streams: streams.length, shards });
    return streams.filter((_, i) => places.includes(i));
  };

  #streams(durability: Durability): readonly Stream[] {
    const streams = this.#byDurability.get(durability);
    if (streams === undefined) throw new Error(`no log of durability ${durability} is open`);
    return streams;
  }

  async #open(durability: Durability, parts: StreamsParts): Promise<void> {
    const { shards } = parts.options.log;
    const streams: Stream[] = [];
    this.#byDurability.set(durability, streams);
    for (let shard = 0; shard < shards; shard++) {
      const log = await openLog({ durability, shard, retention: this.#retention }, parts);
      streams.push(this.#start(log, parts, shards === 1 ? undefined : shard));
    }
  }

  /** `shared`: also the logs that other gateways have, too. What one of them trims is trimmed for all. */
  async trim(shared = true): Promise<void> {
    for (const { log } of this.all) if (shared || log.interest === undefined) await log.trim();
    await this.#own?.log.trim();
  }

  /** Takes nothing more; resolves when everything taken before is stored and answered. */
  async quiesce(): Promise<void> {
    for (const { appender } of this.all) appender.stop();
    await Promise.all(this.all.map(({ appender }) => appender.settled()));
  }

  /** Waits until everything taken is stored and answered, then closes the logs. */
  async close(): Promise<void> {
    await this.quiesce();
    for (const stop of this.#stop) stop();
    const all = this.#own === undefined ? this.all : [...this.all, this.#own];
    await Promise.all(all.map(({ log }) => log.close()));
  }

  #start(log: Log, parts: StreamsParts, shard?: number): Stream {
    const { stream, stop } = startStream(log, parts, shard);
    this.#stop.push(stop);
    if (log instanceof RenewableLog)
      log.watch({ ending: () => parts.ending(stream), renewed: () => renew(stream, parts) });
    return stream;
  }
}

/** Puts a log to work: publishes go into it through a queue, and its tail goes to delivery until `stop`. */
export function startStream(
  log: Log,
  { options, clock, deliver, answered }: Pick<StreamsParts, "options" | "clock" | "deliver" | "answered">,
  shard?: number,
): { readonly stream: Stream; readonly stop: Cancel } {
  const { commitDelay, queueMessages, queueBytes } = options.log;
  const settings = { commitDelay, commitMessages: COMMIT_MESSAGES, queueMessages, queueBytes };
  const appender = new Appender(log, clock, settings, answered);
  const stream: Stream = { shard, log, appender, dispatched: log.head(), received: 0 };
  return { stream, stop: follow(stream, deliver) };
}

/** Asked for every append: nothing is made for it, and nothing looked up where no namespace is listed. */
function retentionOf(
  { namespaces, namespaceDefaults }: Options,
  settings: (namespace: string) => NamespaceSettings,
): RetentionOf {
  const usual = retentionIn(namespaceDefaults);
  if (namespaces.size === 0) return () => usual;
  const known = new Map([...namespaces.values()].map((each) => [each, retentionIn(each)]));
  return (topic) => known.get(settings(namespaceOf(topic))) ?? usual;
}

function retentionIn({ history, messageIdWindow }: NamespaceSettings): Retention {
  return { size: history.size, age: history.age, idWindow: messageIdWindow };
}

function renew(stream: Stream, { renewed }: StreamsParts): void {
  stream.dispatched = stream.log.head();
  renewed(stream);
}
