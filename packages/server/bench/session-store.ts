import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemorySessionStore } from "../src/adapters/memory/session-store.ts";
import { openSqliteSessionStore } from "../src/adapters/sqlite/session-store.ts";
import { systemClock } from "../src/clock.ts";
import type { SessionChange, SessionStore } from "../src/durable/session-store.ts";

/**
 * What session stores take: `bun packages/server/bench/session-store.ts [seconds] [rounds] [sessions]`.
 *
 * A write is what one acknowledged QoS 1 message to a client that stays costs: one flight put, an older one landed, and the
 * subscription's position. So many writes are made in a turn, each of another session; the next turn begins when all have
 * resolved. The stores take turns round by round, and the middle of the rounds is printed.
 */
const [seconds = 2, rounds = 3, sessions = 10_000] = process.argv.slice(2).map(Number);

const STORES = ["memory", "process", "power"] as const;
const TURNS = [1, 10, 100, 1000] as const;

type Name = (typeof STORES)[number];

interface Result {
  /** Writes a second. */
  readonly rate: number;
  /** Microseconds of CPU for a write, of all threads. */
  readonly cpu: number;
}

const directory = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
try {
  const results = new Map<string, Result[]>();
  for (let round = 0; round < rounds; round++) for (const name of STORES) await measureStore(name, round, results);
  print(results);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function measureStore(name: Name, round: number, results: Map<string, Result[]>): Promise<void> {
  const store = await open(name, join(directory, `${name}-${round}.db`));
  await prepare(store);
  for (const size of TURNS) {
    const key = `${name} ${size}`;
    results.set(key, [...(results.get(key) ?? []), await measure(store, size)]);
  }
  await store.close();
}

function open(name: Name, path: string): Promise<SessionStore> {
  if (name === "memory") return Promise.resolve(new MemorySessionStore({ maxSessions: sessions }));
  return openSqliteSessionStore({ path, durability: name, clock: systemClock, warn: (text) => console.warn(text) });
}

async function prepare(store: SessionStore): Promise<void> {
  const changes: readonly SessionChange[] = [
    { kind: "create", user: "somebody" },
    { kind: "subscribe", filter: "sensors/+/temperature", options: '{"qos":1}' },
  ];
  await Promise.all(Array.from({ length: sessions }, (_, n) => store.write(idOf(n), changes)));
}

async function measure(store: SessionStore, size: number): Promise<Result> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  let writes = 0;
  while (performance.now() - start < seconds * 1000) {
    await Promise.all(Array.from({ length: size }, () => store.write(idOf(writes), changesOf(writes++))));
    // The memory store never waits for anything, and a turn is what is compared.
    await new Promise<void>((resolve) => systemClock.endOfTurn(resolve));
  }
  const { user, system } = process.cpuUsage(cpu);
  return { rate: writes / ((performance.now() - start) / 1000), cpu: (user + system) / writes };
}

function idOf(n: number): string {
  return `device-${String((n * 7919) % sessions).padStart(8, "0")}`;
}

function changesOf(n: number): readonly SessionChange[] {
  const packet = 1 + (n % 60_000);
  const filter = "sensors/+/temperature";
  const epoch = "3f6d2f0e-5a0b-4b55-9d5e-0c6f0f3d9f11";
  const flight = { direction: "out", packet, state: "sent", filter, epoch, offset: n, messageId: "" } as const;
  return [
    { kind: "flight", flight },
    { kind: "landed", direction: "out", packet: 1 + (Math.max(0, n - sessions) % 60_000) },
    { kind: "position", filter, epoch, offset: n },
  ];
}

function print(results: ReadonlyMap<string, readonly Result[]>): void {
  console.log(
    `${sessions} sessions, ${seconds} s, the middle of ${rounds} rounds; a write is 3 changes of one session`,
  );
  console.log("store    writes a turn   writes/s   changes/s   µs CPU/write   of memory");
  for (const name of STORES)
    for (const size of TURNS) {
      const { rate, cpu } = middle(results.get(`${name} ${size}`) ?? []);
      const share = rate / middle(results.get(`memory ${size}`) ?? []).rate;
      const cells = [rate.toFixed(0).padStart(10), (3 * rate).toFixed(0).padStart(11), cpu.toFixed(1).padStart(14)];
      console.log(`${name.padEnd(8)} ${String(size).padStart(13)} ${cells.join(" ")} ${share.toFixed(3).padStart(11)}`);
    }
}

function middle(results: readonly Result[]): Result {
  return results.toSorted((a, b) => a.rate - b.rate)[results.length >> 1] ?? { rate: NaN, cpu: NaN };
}
