import { Trie } from "../../../server/src/router/trie.ts";
import { type Metric, type Table, tableOf } from "../../src/report/result.ts";
import { Series } from "../../src/report/series.ts";
import type { Context } from "./context.ts";

const SIZES = [1_000, 10_000, 100_000, 1_000_000] as const;
/** Milliseconds of one measurement. */
const TIME = 150;
/** Patterns above which a list is not tried any more: one look-up takes a tenth of a second. */
const LONGEST_LIST = 100_000;

const METRICS: readonly Metric[] = [
  { key: "lookUp", label: "look-up ns", digits: 0 },
  { key: "list", label: "list ns", digits: 0 },
  { key: "times", label: "list ÷ look-up", digits: 0 },
  { key: "found", label: "found for a topic", digits: 1 },
  { key: "insert", label: "insert ns", digits: 0 },
  { key: "bytes", label: "bytes a pattern", digits: 0 },
];

/**
 * What it costs to find who gets a message, with patterns that have wildcards. Beside it: the same patterns in a list that
 * is tried one by one, as the simplest server would.
 */
export function topics({ patterns, rounds, progress }: Context): Table {
  const series = new Series();
  for (const size of SIZES.filter((one) => one <= patterns)) {
    const name = `${size.toLocaleString("en-US")} patterns`;
    for (let round = 0; round < rounds; round++) series.add(name, measure(size));
    progress(`topics, ${name}: look-up ${Math.round(series.spread(name, "lookUp")?.median ?? 0)} ns`);
  }
  return tableOf("Topic matching: who gets a message", series, METRICS);
}

/** Patterns of a fleet: each device has its own ones, and some watch many. */
function patternOf(n: number): string {
  const [site, device] = [n % 100, Math.floor(n / 4)];
  const kinds = [`site/${site}/device/${device}/+`, `site/+/device/${device}/alarm`, `site/${site}/+/${device}/#`];
  return kinds[n % 3] ?? `site/${site}/device/${device}/state/+`;
}

function topicOf(n: number): string {
  return `site/${n % 100}/device/${n}/${n % 2 === 0 ? "alarm" : "temperature"}`;
}

function measure(size: number): Record<string, number> {
  const filters = Array.from({ length: size }, (_, n) => patternOf(n));
  const asked = Array.from({ length: 1_000 }, (_, n) => topicOf(Math.floor((n * size) / 4_000)));
  Bun.gc(true);
  const before = process.memoryUsage.rss();
  const begin = performance.now();
  const trie = new Trie<string>();
  for (const filter of filters) trie.set(filter, filter);
  const insert = ((performance.now() - begin) * 1e6) / size;
  Bun.gc(true);
  const bytes = (process.memoryUsage.rss() - before) / size;
  let found = 0;
  const count = (): void => void found++;
  for (const topic of asked) trie.match(topic, count);
  const each = found / asked.length;
  const lookUp = nanos(asked, (topic) => trie.match(topic, count));
  const sizes = { lookUp, insert, found: each, bytes: Math.max(0, bytes) };
  if (size > LONGEST_LIST) return sizes;
  const split = filters.map((filter) => filter.split("/"));
  const list = nanos(asked, (topic) => split.forEach((filter) => fits(filter, topic.split("/")) && count()));
  return { ...sizes, list, times: list / lookUp };
}

/** Nanoseconds for one topic. */
function nanos(asked: readonly string[], look: (topic: string) => void): number {
  for (const topic of asked.slice(0, 10)) look(topic);
  const begin = performance.now();
  let done = 0;
  for (; performance.now() - begin < TIME; done++) look(asked[done % asked.length] ?? "");
  return ((performance.now() - begin) * 1e6) / done;
}

function fits(filter: readonly string[], levels: readonly string[]): boolean {
  for (const [n, level] of filter.entries()) {
    if (level === "#") return true;
    if (n >= levels.length || (level !== "+" && level !== levels[n])) return false;
  }
  return filter.length === levels.length;
}
