/**
 * What it costs to find who gets a message, with 1,000 to 1,000,000 patterns. Its peer in the same run is a list of the same
 * patterns that is tried one by one, as the simplest server would.
 *
 *   bun packages/server/bench/router.ts [--large]
 *
 * With --large also with 1,000,000 patterns (some hundred MB of memory).
 */
import { Trie } from "../src/router/trie.ts";

const SIZES = [1_000, 10_000, 100_000, ...(process.argv.includes("--large") ? [1_000_000] : [])];

/** Milliseconds for one measurement; the best of `ROUNDS` counts, since others use the machine too. */
const TIME = 150;
const ROUNDS = 5;

/** Patterns of a fleet: each device has its own ones, and some watch many. */
function patternOf(n: number): string {
  const [site, device] = [n % 100, Math.floor(n / 4)];
  const kinds = [`site/${site}/device/${device}/+`, `site/+/device/${device}/alarm`, `site/${site}/+/${device}/#`];
  return kinds[n % 3] ?? `site/${site}/device/${device}/state/+`;
}

function topicOf(n: number): string {
  return `site/${n % 100}/device/${n}/${n % 2 === 0 ? "alarm" : "temperature"}`;
}

interface Row {
  readonly patterns: number;
  readonly trie: number;
  readonly list: number;
  readonly found: number;
  readonly insert: number;
}

function measure(patterns: number): Row {
  const filters = Array.from({ length: patterns }, (_, n) => patternOf(n));
  const topics = Array.from({ length: 1_000 }, (_, n) => topicOf(Math.floor((n * patterns) / 4_000)));
  const begin = performance.now();
  const trie = new Trie<string>();
  for (const filter of filters) trie.set(filter, filter);
  const insert = ((performance.now() - begin) * 1e6) / patterns;
  let found = 0;
  const count = (): void => void found++;
  for (const topic of topics) trie.match(topic, count);
  const perTopic = found / topics.length;
  const split = filters.map((filter) => filter.split("/"));
  return {
    patterns,
    insert,
    found: perTopic,
    trie: best(topics, (topic) => trie.match(topic, count)),
    list: best(topics, (topic) => split.forEach((filter) => fits(filter, topic.split("/")) && count())),
  };
}

/** Nanoseconds for one topic. */
function best(topics: readonly string[], look: (topic: string) => void): number {
  let nanos = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    let done = 0;
    for (; performance.now() - begin < TIME; done++) look(topics[done % topics.length] ?? "");
    nanos = Math.min(nanos, ((performance.now() - begin) * 1e6) / done);
  }
  return nanos;
}

function fits(filter: readonly string[], levels: readonly string[]): boolean {
  for (const [n, level] of filter.entries()) {
    if (level === "#") return true;
    if (n >= levels.length || (level !== "+" && level !== levels[n])) return false;
  }
  return filter.length === levels.length;
}

const rows = SIZES.map(measure);
const first = rows[0]?.trie ?? 1;
console.table(
  rows.map(({ patterns, trie, list, found, insert }) => ({
    patterns,
    "found per topic": found.toFixed(1),
    "look-up ns": Math.round(trie),
    "ratio to the first": (trie / first).toFixed(2),
    "list ns": Math.round(list),
    "list / look-up": Math.round(list / trie),
    "insert ns": Math.round(insert),
  })),
);
