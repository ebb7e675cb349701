import type { NatsServer } from "../../../scripts/servers/nats.ts";
import { openNatsLog } from "../src/adapters/nats/log.ts";
import { systemClock } from "../src/clock.ts";
import type { Interest, Log } from "../src/log/log.ts";
import { cpuOf } from "./support/cpu.ts";
import { startNats } from "./support/nats.ts";
import { quantile } from "./support/quantile.ts";

/**
 * What it costs to ask the NATS log for a topic: `bun packages/server/bench/nats-interest.ts [topics]`.
 *
 * Each topic is a new one, as the personal topics of users that connect are. So many are asked for at a time, and the next when the
 * first of them is in force, until all are. The NATS server is one process on this machine and shares its cores.
 */
const [topics = 20_000] = process.argv.slice(2).map(Number);
const AT_ONCE = [1, 10, 100, 1000] as const;

let count = 0;

process.stdout.write(
  "| asked for at once | topics/s | median ms | P99 ms | CPU µs | server CPU µs |\n|---|---|---|---|---|---|\n",
);
for (const atOnce of AT_ONCE) process.stdout.write(await measure(atOnce));

async function measure(atOnce: number): Promise<string> {
  const server = await startNats();
  const log = await open(server);
  const total = Math.min(topics, atOnce * 2000);
  const waits: number[] = [];
  const interests: Interest[] = [];
  const before = [cpuOf(process.pid), cpuOf(server.pid)] as const;
  const start = performance.now();
  await Promise.all(Array.from({ length: atOnce }, () => ask(log, { total, waits, interests })));
  const time = performance.now() - start;
  const [own, its] = [cpuOf(process.pid) - before[0], cpuOf(server.pid) - before[1]].map((cpu) =>
    Math.round(cpu / total),
  );
  for (const interest of interests) interest.end();
  await log.close();
  await server.remove();
  const [median = "", p99 = ""] = [0.5, 0.99].map((share) => quantile(waits, share).toFixed(1));
  return `| ${atOnce} | ${Math.round((total / time) * 1000)} | ${median} | ${p99} | ${own} | ${its} |\n`;
}

interface Asking {
  readonly total: number;
  readonly waits: number[];
  readonly interests: Interest[];
}

async function ask(log: Log, { total, waits, interests }: Asking): Promise<void> {
  while (interests.length < total) {
    const start = performance.now();
    const interest = log.interest?.(`user/${++count}`);
    if (interest === undefined) throw new Error("the log does not go by interest");
    interests.push(interest);
    await interest.ready;
    waits.push(performance.now() - start);
  }
}

function open(server: NatsServer): Promise<Log> {
  return openNatsLog({
    servers: [server.url],
    stream: "bench",
    durability: "process",
    clock: systemClock,
    randomId: () => crypto.randomUUID(),
    retention: () => ({ size: 1000, age: 3_600_000, idWindow: 120_000 }),
    maxBytes: 1 << 30,
    byInterest: true,
    warn: (message) => void process.stderr.write(`${message}\n`),
  });
}
