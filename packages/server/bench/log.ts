import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Payload, type Message } from "@tidegate/protocol";
import { MemoryLog } from "../src/adapters/memory/log.ts";
import { openSqliteLog } from "../src/adapters/sqlite/log.ts";
import { systemClock } from "../src/clock.ts";
import type { Log } from "../src/log/log.ts";

/**
 * Messages per second of each log, in batches as group commit makes them, and how fast they are read again. Run it with
 * `bun packages/server/bench/log.ts`; the ratios are to the log in memory, in the same run. The processor time is of all
 * threads (collector, checkpoints), and tells more than the rate where the machine has other work.
 */

const BATCHES = [1, 10, 100, 1000] as const;
const TOPICS = 100;
/** Milliseconds of each measurement. */
const DURATION = 1500;
const TEXT = "a chat message of the usual kind, long enough to be one that somebody typed into a phone while walking";

const retention = () => ({ size: 100_000, age: 3_600_000, idWindow: 120_000 });
const directory = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
const warn = (message: string): void => console.warn(message);

async function openLog(name: string, run: number): Promise<Log> {
  if (name === "memory") return new MemoryLog({ clock: systemClock, epoch: "e", retention, maxBytes: 1 << 30 });
  const durability = name === "power" ? "power" : "process";
  return openSqliteLog({
    path: join(directory, `${name}-${run}.db`),
    durability,
    clock: systemClock,
    randomId: () => crypto.randomUUID(),
    retention,
    maxBytes: 2 ** 32,
    warn,
  });
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

interface Rate {
  /** Messages per second. */
  readonly rate: number;
  /** Microseconds of processor time for each message. */
  readonly cost: number;
}

async function appendRate(log: Log, size: number): Promise<Rate> {
  let count = 0;
  let spent = 0;
  let processor = 0;
  while (spent < DURATION && count < 1_000_000) {
    const batches = Array.from({ length: Math.max(1, 2000 / size) }, (_, i) => makeBatch(count + i * size, size));
    const start = performance.now();
    const used = process.cpuUsage();
    for (const batch of batches) await log.append(batch);
    const { user, system } = process.cpuUsage(used);
    spent += performance.now() - start;
    processor += user + system;
    count += batches.length * size;
  }
  return { rate: (count / spent) * 1000, cost: processor / count };
}

async function readRate(log: Log, filter: string): Promise<Rate> {
  let count = 0;
  const start = performance.now();
  const used = process.cpuUsage();
  while (performance.now() - start < DURATION / 2)
    for (let after = 0, more = true; more && performance.now() - start < DURATION / 2;) {
      const page = await log.read({ filter, after, limit: 1000 });
      count += page.messages.length;
      [after, more] = [page.next, page.more];
    }
  const { user, system } = process.cpuUsage(used);
  return { rate: (count / (performance.now() - start)) * 1000, cost: (user + system) / count };
}

async function measure(name: string): Promise<Rate[]> {
  const rates: Rate[] = [];
  for (const [run, size] of BATCHES.entries()) {
    const log = await openLog(name, run);
    rates.push(await appendRate(log, size));
    if (size === BATCHES.at(-1)) rates.push(await readRate(log, "chat/room_7"), await readRate(log, "chat/#"));
    await log.close();
  }
  return rates;
}

const columns = [...BATCHES.map((size) => `append ${size}`), "read topic", "read filter"];
const base = await measure("memory");
print("memory", base);
for (const name of ["process", "power"]) print(name, await measure(name));
rmSync(directory, { recursive: true, force: true });

function print(name: string, rates: readonly Rate[]): void {
  for (const [i, { rate, cost }] of rates.entries()) {
    const ratio = (rate / (base[i]?.rate ?? rate)).toFixed(2);
    const figures = `${Math.round(rate / 1000)} k/s (${ratio} of memory), ${cost.toFixed(2)} µs of processor each`;
    console.log(`${name.padEnd(8)} ${(columns[i] ?? "").padEnd(12)} ${figures}`);
  }
}
