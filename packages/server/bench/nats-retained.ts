import { jetstreamManager } from "@nats-io/jetstream";
import { encodeHead } from "../src/adapters/nats/head.ts";
import { Exchange } from "../src/adapters/nats/exchange.ts";
import { openConnection } from "../src/adapters/nats/link.ts";
import { systemClock } from "../src/clock.ts";
import { cpuOf } from "./support/cpu.ts";
import { startNats } from "./support/nats.ts";
import { quantile } from "./support/quantile.ts";

/**
 * Two messages of JetStream that belong together, as a retained value and its message do, published side by side or as an atomic batch:
 * `bun packages/server/bench/nats-retained.ts [seconds]`.
 *
 * So many pairs are under way; each is done when both messages are acknowledged. A message has 120 bytes, the stream is a file, and the
 * NATS server is one process on this machine.
 */
const seconds = Number(process.argv[2] ?? 2);
const AT_ONCE = [1, 10, 100] as const;
const BODY = JSON.stringify({ text: "x".repeat(109) });
const TOPICS = 1000;

type Publish = (topic: number) => Promise<unknown>;

const nats = await startNats();
const connection = await openConnection({ servers: [nats.url] });
const manager = await jetstreamManager(connection);
await manager.streams.add({ name: "bench", subjects: ["bench.>"], allow_atomic: true, max_bytes: 1 << 30 });
const exchange = new Exchange(connection, systemClock, 10_000);
let batches = 0;

console.log("| | at once | pairs/s | median ms | P99 ms | CPU of the server, µs |\n|---|---|---|---|---|---|");
for (const atOnce of AT_ONCE) {
  await measure("side by side", atOnce, sideBySide);
  await measure("atomic batch", atOnce, together);
}
await connection.close();
await nats.remove();

async function sideBySide(topic: number): Promise<void> {
  await acknowledged([`bench.m.${topic}`, `bench.r.${topic}`].map((subject) => exchange.ask(subject, BODY, {})));
}

/** The first is answered with an empty acknowledgement, so that its refusal would be seen; the last one commits both. */
async function together(topic: number): Promise<void> {
  const id = `batch-${++batches}`;
  const heads = [
    encodeHead([
      ["Nats-Batch-Id", id],
      ["Nats-Batch-Sequence", 1],
    ]),
    encodeHead([
      ["Nats-Batch-Id", id],
      ["Nats-Batch-Sequence", 2],
      ["Nats-Batch-Commit", 1],
    ]),
  ];
  const subjects = [`bench.m.${topic}`, `bench.r.${topic}`];
  await acknowledged(subjects.map((subject, i) => exchange.ask(subject, BODY, { head: heads[i]! })));
}

async function acknowledged(asked: readonly ReturnType<Exchange["ask"]>[]): Promise<void> {
  for (const [answer] of await Promise.all(asked)) {
    const text = answer?.string() ?? "";
    if (text.includes('"error"')) throw new Error(`NATS refused it: ${text}`);
  }
}

async function measure(name: string, atOnce: number, publish: Publish): Promise<void> {
  const times: number[] = [];
  const before = cpuOf(nats.pid);
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const run = async (): Promise<void> => {
    for (let start = performance.now(); start < end; start = performance.now()) {
      await publish(times.length % TOPICS);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  const rate = Math.round((times.length / (performance.now() - begin)) * 1000);
  const waits = [0.5, 0.99].map((share) => quantile(times, share).toFixed(2));
  const cpu = Math.round((cpuOf(nats.pid) - before) / times.length);
  console.log(`| ${[name, atOnce, rate, ...waits, cpu].join(" | ")} |`);
}
