import type { Options } from "../options/index.ts";

/**
 * FNV-1a with 32 bits, over the UTF-8 of a text. Topics are found by it, so it never changes.
 *
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function fnv1a(text: string): number {
  let hash = OFFSET_BASIS;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return ofBytes(encoder.encode(text));
    hash = Math.imul(hash ^ code, PRIME);
  }
  return hash >>> 0;
}

function ofBytes(bytes: Uint8Array): number {
  let hash = OFFSET_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
const encoder = new TextEncoder();

export interface Spread {
  /** Streams of a durability. */
  readonly streams: number;
  /** Over how many of them a namespace's topics are spread. */
  readonly shards: number;
}

/** The streams of a namespace, of `streams` in all: neighbours, from one that its name says. */
export function shardsOf(namespace: string, { streams, shards }: Spread): number[] {
  const first = fnv1a(namespace) % streams;
  return Array.from({ length: shards }, (_, i) => (first + i) % streams);
}

/** The stream of a topic. */
export function shardOf(topic: string, namespace: string, { streams, shards }: Spread): number {
  if (streams === 1) return 0;
  const within = shards === 1 ? 0 : fnv1a(topic) % shards;
  return ((fnv1a(namespace) % streams) + within) % streams;
}

/**
 * How topics are spread, in words that are stored with the streams: gateways that would look for a topic in different streams must not
 * share them.
 */
export function layoutOf({ log, namespaceDefaults, namespaces }: Options): string {
  const { shards } = namespaceDefaults;
  const others = [...namespaces]
    .filter(([, settings]) => settings.shards !== shards)
    .map(([name, settings]) => `${name}=${settings.shards}`);
  return [`streams=${log.shards}`, `shards=${shards}`, ...others.toSorted()].join(" ");
}

/** What is wrong with the numbers; undefined if nothing. */
export function shardsFault({ log, namespaceDefaults, namespaces }: Options): string | undefined {
  const all = [["namespaceDefaults", namespaceDefaults] as const, ...namespaces];
  for (const [name, { shards }] of all)
    if (shards > log.shards)
      return `${name === "namespaceDefaults" ? name : `namespaces.${name}`}.shards is ${shards}, more than log.shards, which is ${log.shards}`;
  return log.shards > 1 && log.url === undefined ? "log.shards is for the log on NATS: set log.url too" : undefined;
}
