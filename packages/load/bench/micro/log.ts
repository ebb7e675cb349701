import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Message, Payload } from "@tidegate/protocol";
import { MemoryLog } from "../../../server/src/adapters/memory/log.ts";
import { openSqliteLog } from "../../../server/src/adapters/sqlite/log.ts";
import { systemClock } from "../../../server/src/clock.ts";
import type { Log } from "../../../server/src/log/log.ts";
import { type Metric, type Table, tableOf } from "../../src/report/result.ts";
import { type Sample, Series } from "../../src/report/series.ts";
import type { Context } from "./context.ts";

/** Messages of one append, as group commit makes them. */
const BATCHES = [1, 10, 100, 1000] as const;
const TOPICS = 100;
const LOGS = ["memory", "process", "power"] as const;
/** No log is filled further in one measurement. */
const MOST = 1_000_000;
const TEXT = "a chat message of the usual kind, long enough to be one that somebody typed into a phone while walking";

const APPEND: readonly Metric[] = BATCHES.map((size) => ({
  key: `append${size}`,
  label: `by ${size}`,
  digits: 0,
  ratio: true,
}));
const COST: readonly Metric[] = BATCHES.map((size) => ({ key: `cost${size}`, label: `by ${size}`, digits: 2 }));
const REPLAY: readonly Metric[] = [
  { key: "topic", label: "one topic", digits: 0, ratio: true },
  { key: "filter", label: "a filter over all topics", digits: 0, ratio: true },
];

type Name = (typeof LOGS)[number];

/** Messages a second that each log takes and gives back; CPU of all threads, collector and checkpoints too. */
export async function log({ rounds, seconds, progress }: Context): Promise<readonly Table[]> {
  const directory = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
  const series = new Series();
  try {
    for (let round = 0; round < rounds; round++)
      for (const name of LOGS) {
        series.add(name, await measure(name, seconds * 1000, (run) => join(directory, `${name}-${round}-${run}.db`)));
        progress(`log, round ${round + 1}, ${name}: done`);
      }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return [
    tableOf("Log: messages appended a second, in batches", series, APPEND, "memory"),
    tableOf("Log: µs of CPU for each message appended", series, COST),
    tableOf("Log: messages replayed a second, in pages of 1,000", series, REPLAY, "memory"),
  ];
}

async function measure(name: Name, duration: number, pathOf: (run: number) => string): Promise<Sample> {
  const sample: Record<string, number> = {};
  for (const [run, size] of BATCHES.entries()) {
    const one = await openLog(name, pathOf(run));
    const { rate, cost } = await append(one, size, duration);
    sample[`append${size}`] = rate;
    sample[`cost${size}`] = cost;
    if (size === BATCHES.at(-1)) {
      sample["topic"] = await replay(one, "chat/room_7", duration);
      sample["filter"] = await replay(one, "chat/#", duration);
    }
    await one.close();
  }
  return sample;
}

async function openLog(name: Name, path: string): Promise<Log> {
  const retention = () => ({ size: 100_000, age: 3_600_000, idWindow: 120_000 });
  const common = { clock: systemClock, retention };
  if (name === "memory") return new MemoryLog({ ...common, epoch: "e", maxBytes: 2 ** 30 });
  return openSqliteLog({
    ...common,
    path,
    durability: name,
    randomId: () => crypto.randomUUID(),
    maxBytes: 2 ** 32,
    warn: (message) => console.warn(message),
  });
}

async function append(one: Log, size: number, duration: number): Promise<{ rate: number; cost: number }> {
  let [count, spent, cpu] = [0, 0, 0];
  while (spent < duration && count < MOST) {
    const batches = Array.from({ length: Math.max(1, 2000 / size) }, (_, i) => makeBatch(count + i * size, size));
    const start = performance.now();
    const used = process.cpuUsage();
    for (const batch of batches) await one.append(batch);
    const { user, system } = process.cpuUsage(used);
    spent += performance.now() - start;
    cpu += user + system;
    count += batches.length * size;
  }
  return { rate: (count / spent) * 1000, cost: cpu / count };
}

async function replay(one: Log, filter: string, duration: number): Promise<number> {
  let count = 0;
  const start = performance.now();
  while (performance.now() - start < duration)
    for (let after = 0, more = true; more && performance.now() - start < duration;) {
      const page = await one.read({ filter, after, limit: 1000 });
      count += page.messages.length;
      [after, more] = [page.next, page.more];
    }
  return (count / (performance.now() - start)) * 1000;
}

/** As a decoder makes them: every string is a new one. */
function makeBatch(first: number, size: number): Message[] {
  return Array.from({ length: size }, (_, i) => ({
    topic: flat(`chat/room_${(first + i) % TOPICS}`),
    payload: Payload.json(flat(`{"text":"${TEXT}","n":${first + i}}`)),
    id: flat(`m-${first + i}`),
    from: flat(`user_${(first + i) % 1000}`),
    time: Date.now(),
    priority: 1,
    headers: undefined,
    retain: false,
    origin: "websocket",
  }));
}

/** Joined strings are put together when they are first looked at; a decoder's are whole. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}
