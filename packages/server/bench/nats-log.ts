import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@tidegate/protocol";
import { openNatsLog } from "../src/adapters/nats/log.ts";
import { openSqliteLog } from "../src/adapters/sqlite/log.ts";
import { systemClock } from "../src/clock.ts";
import type { Log } from "../src/log/log.ts";
import { cpuOf } from "./support/cpu.ts";
import { startNats } from "./support/nats.ts";
import { chatMessage } from "./support/message.ts";

/**
 * Appends acknowledged by the NATS log beside the SQLite log: `bun packages/server/bench/nats-log.ts [seconds] [rounds]`.
 *
 * A message has 120 bytes, an id and one of 1,000 topics. So many are appended in a call, and a second call is always under way
 * behind the first, as a busy gateway does; a tail follows. The logs take turns round by round, and the middle is printed. The
 * NATS server is one process on this machine and shares its cores; its CPU time is counted beside the gateway's.
 */
const [seconds = 2, rounds = 3] = process.argv.slice(2).map(Number);

const LOGS = ["sqlite process", "nats process", "sqlite power", "nats power"] as const;
const CALLS = [1, 10, 100, 1000] as const;
const UNDER_WAY = 2;
const TEXT = JSON.stringify({ text: "x".repeat(109) });

type Name = (typeof LOGS)[number];

interface Result {
  /** Messages a second. */
  readonly rate: number;
  /** Microseconds of CPU for a message, of this process and of the server. */
  readonly cpu: number;
  readonly serverCpu: number;
}

interface Subject {
  readonly log: Log;
  readonly pid: number | undefined;
  readonly close: () => Promise<void>;
}

const directory = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
let count = 0;

try {
  const results = new Map<string, Result[]>();
  for (let round = 0; round < rounds; round++) for (const name of LOGS) await measureLog(name, results);
  print(results);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function measureLog(name: Name, results: Map<string, Result[]>): Promise<void> {
  const subject = await open(name);
  subject.log.tail({ messages: () => {} });
  for (const size of CALLS) {
    const key = `${name} ${size}`;
    results.set(key, [...(results.get(key) ?? []), await measure(subject, size)]);
  }
  await subject.close();
}

async function open(name: Name): Promise<Subject> {
  const [engine, word] = name.split(" ");
  const durability = word === "power" ? "power" : "process";
  const common = {
    durability,
    clock: systemClock,
    randomId: () => crypto.randomUUID(),
    retention: () => ({ size: 1000, age: 3_600_000, idWindow: 120_000 }),
    maxBytes: 2 ** 31,
    warn: (text: string) => console.warn(text),
  } as const;
  if (engine === "sqlite") {
    const log = await openSqliteLog({ ...common, path: join(directory, `${++count}.db`) });
    return { log, pid: undefined, close: () => log.close() };
  }
  const jetstream = durability === "power" ? "sync_interval: always" : "";
  const server = await startNats({ jetstream });
  const log = await openNatsLog({ ...common, servers: [server.url], stream: "bench", monitors: [server.monitor] });
  const close = async (): Promise<void> => {
    await log.close();
    await server.remove();
  };
  return { log, pid: server.pid, close };
}

async function measure({ log, pid }: Subject, size: number): Promise<Result> {
  const start = performance.now();
  const [cpu, serverCpu] = [process.cpuUsage(), cpuOf(pid)];
  const until = start + seconds * 1000;
  const counts = await Promise.all(Array.from({ length: UNDER_WAY }, () => appendUntil(log, size, until)));
  const messages = counts.reduce((sum, each) => sum + each, 0);
  const { user, system } = process.cpuUsage(cpu);
  const rate = messages / ((performance.now() - start) / 1000);
  return { rate, cpu: (user + system) / messages, serverCpu: (cpuOf(pid) - serverCpu) / messages };
}

async function appendUntil(log: Log, size: number, until: number): Promise<number> {
  let messages = 0;
  while (performance.now() < until) {
    await log.append(Array.from({ length: size }, messageOf));
    messages += size;
  }
  return messages;
}

function messageOf(): Message {
  const n = ++count;
  return chatMessage((n * 7919) % 1000, TEXT, `message-${n}`);
}

function print(results: ReadonlyMap<string, readonly Result[]>): void {
  console.log(`${seconds} s, the middle of ${rounds} rounds; ${UNDER_WAY} calls under way`);
  console.log("log              messages a call   messages/s   µs CPU/message   of the server   of sqlite");
  for (const name of LOGS)
    for (const size of CALLS) {
      const { rate, cpu, serverCpu } = middle(results.get(`${name} ${size}`) ?? []);
      const share = rate / middle(results.get(`${name.replace("nats", "sqlite")} ${size}`) ?? []).rate;
      const cells = [rate.toFixed(0).padStart(12), cpu.toFixed(1).padStart(16), serverCpu.toFixed(1).padStart(15)];
      console.log(
        `${name.padEnd(16)} ${String(size).padStart(15)} ${cells.join(" ")} ${share.toFixed(3).padStart(11)}`,
      );
    }
}

function middle(results: readonly Result[]): Result {
  const none = { rate: Number.NaN, cpu: Number.NaN, serverCpu: Number.NaN };
  return results.toSorted((a, b) => a.rate - b.rate)[results.length >> 1] ?? none;
}
