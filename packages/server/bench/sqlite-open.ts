import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@tidegate/protocol";
import { openSqliteLog } from "../src/adapters/sqlite/log.ts";
import type { SqliteLogOptions } from "../src/adapters/sqlite/open.ts";
import { systemClock } from "../src/clock.ts";
import type { Log } from "../src/log/log.ts";
import { heap } from "./support/heap.ts";
import { quantile } from "./support/quantile.ts";
import { chatMessage } from "./support/message.ts";

/**
 * What a message takes in the file of the SQLite log, and what it costs to open it: `bun packages/server/bench/sqlite-open.ts [messages] [rounds]`.
 *
 * A file has so many messages with a payload of 300 bytes on 1,000 topics, a sender and an id within the window. It is opened as it is, without the
 * check of the whole file, and also without a window of ids. The middle of the rounds is printed; the file is in the machine's memory.
 */
const [messages = 500_000, rounds = 5] = process.argv.slice(2).map(Number);
const PAYLOAD = 300;
const BATCH = 1000;
const TEXT = JSON.stringify("x".repeat(PAYLOAD - 2));

const directory = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
const path = join(directory, "log.db");
try {
  const log = await open({ wholeCheckBytes: 0 });
  for (let first = 0; first < messages; first += BATCH)
    await log.append(Array.from({ length: BATCH }, (_, i) => messageOf(first + i)));
  await log.close();
  await print();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function print(): Promise<void> {
  const bytes = statSync(path).size;
  const megabytes = (bytes / 1e6).toFixed(0);
  console.log(
    `${messages} messages, ${megabytes} MB: ${(bytes / messages - PAYLOAD).toFixed(0)} bytes each beside the payload\n`,
  );
  const whole = await opened({});
  const unchecked = await opened({ wholeCheckBytes: 0 });
  const bare = await opened({
    wholeCheckBytes: 0,
    retention: () => ({ size: messages, age: 3_600_000_000, idWindow: 0 }),
  });
  const ids = unchecked.milliseconds - bare.milliseconds;
  console.log("| opened | ms |\n|---|---|");
  console.log(`| whole | ${whole.milliseconds.toFixed(0)} |`);
  console.log(`| the check of ${megabytes} MB | ${(whole.milliseconds - unchecked.milliseconds).toFixed(0)} |`);
  console.log(
    `| the ids of ${messages} messages | ${ids.toFixed(0)} (${((ids * 1000) / messages).toFixed(1)} µs each) |`,
  );
  console.log(`\nan id in memory: ${((unchecked.heap - bare.heap) / messages).toFixed(0)} bytes`);
}

interface Opened {
  readonly milliseconds: number;
  readonly heap: number;
}

async function opened(options: Partial<SqliteLogOptions>): Promise<Opened> {
  const all: Opened[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = heap();
    const start = performance.now();
    const log = await open(options);
    const milliseconds = performance.now() - start;
    all.push({ milliseconds, heap: heap() - before });
    await log.close();
  }
  const middle = (of: (one: Opened) => number): number => quantile(all.map(of), 0.5);
  return { milliseconds: middle(({ milliseconds }) => milliseconds), heap: middle((one) => one.heap) };
}

function open(options: Partial<SqliteLogOptions>): Promise<Log> {
  return openSqliteLog({
    path,
    durability: "process",
    clock: systemClock,
    randomId: () => crypto.randomUUID(),
    retention: () => ({ size: messages, age: 3_600_000_000, idWindow: 3_600_000 }),
    maxBytes: 2 ** 34,
    warn: (text) => console.warn(text),
    ...options,
  });
}

function messageOf(n: number): Message {
  return chatMessage(n % 1000, TEXT, `message-${n}`);
}
