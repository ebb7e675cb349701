import { jetstreamManager } from "@nats-io/jetstream";
import type { Message } from "@tidegate/protocol";
import { Direct } from "../src/adapters/nats/direct.ts";
import { Exchange } from "../src/adapters/nats/exchange.ts";
import { openConnection } from "../src/adapters/nats/link.ts";
import { openNatsLog } from "../src/adapters/nats/log.ts";
import { systemClock } from "../src/clock.ts";
import { cpuOf } from "./support/cpu.ts";
import { startNats } from "./support/nats.ts";
import { chatMessage } from "./support/message.ts";

/**
 * What a trim of the NATS log is made of, and a whole one: `bun packages/server/bench/nats-trim.ts [messages]`.
 *
 * The topics take turns, so between two messages of one stand as many others as there are topics. Asked for are the next message of a topic,
 * a purge of it, and the removal of single messages; each when the one before is answered. Then a log trims 1,000 topics to 5 messages
 * each, three times. CPU is that of the NATS server, on this machine, in hundredths of a second.
 */
const messages = Number(process.argv[2] ?? 20_000);
const TOPICS = [1, 1000, 10_000] as const;
const QUESTIONS = 2000;
const PURGES = 200;
const BODY = JSON.stringify({ text: "x".repeat(109) });

const nats = await startNats();
const connection = await openConnection({ servers: [nats.url] });
const manager = await jetstreamManager(connection);
const exchange = new Exchange(connection, systemClock, 60_000);

console.log("| | ms each | CPU of the server, ms |\n|---|---|---|");
for (const topics of TOPICS) await search(topics);
await remove();
await connection.close();
await trim();
await nats.remove();

/** Each question is about another topic and place. */
async function search(topics: number): Promise<void> {
  const stream = await filled(topics);
  const direct = new Direct(exchange, stream);
  await measure(`next message of a topic, ${topics - 1} others before it`, QUESTIONS, async (i) => {
    const from = 1 + ((i * 7919) % (messages - topics));
    // The one before it was the topic's, so the next one is as far away as can be.
    const [found] = await direct.from(from, subjectOf(stream, (from + topics - 2) % topics), 1);
    if (found?.seq !== from + topics - 1) throw new Error(`found ${found?.seq} from ${from} on`);
  });
}

async function remove(): Promise<void> {
  const stream = await filled(1000);
  const each = messages / 1000;
  await measure(`purge of all but one of a topic's ${each} messages`, PURGES, (i) =>
    manager.streams.purge(stream, { filter: subjectOf(stream, i), keep: 1 }),
  );
  // Of topics that were not purged.
  await measure("removal of one message", QUESTIONS, (i) =>
    manager.streams.deleteMessage(stream, 1 + (i % 500) + 500 + 1000 * Math.floor(i / 500), false),
  );
}

async function trim(): Promise<void> {
  const log = await openNatsLog({
    servers: [nats.url],
    stream: "log",
    durability: "process",
    clock: systemClock,
    randomId: () => crypto.randomUUID(),
    retention: () => ({ size: 5, age: 3_600_000, idWindow: 120_000 }),
    maxBytes: 1 << 30,
    warn: (text) => console.warn(text),
  });
  for (let first = 0; first < messages; first += 1000)
    await log.append(Array.from({ length: 1000 }, (_, i) => messageOf(i)));
  await measure(`trim of 1,000 topics, ${messages / 1000 - 5} messages of each to hide`, 1, () => log.trim());
  await measure("the next trim", 1, () => log.trim());
  await measure("the one after it", 1, () => log.trim());
  await log.close();
}

/** A stream in which so many topics take turns. */
async function filled(topics: number): Promise<string> {
  const name = `topics-${topics}-${performance.now().toFixed(0)}`;
  await manager.streams.add({ name, subjects: [`${name}.>`], allow_direct: true, max_bytes: 1 << 28 });
  for (let first = 0; first < messages; first += 1000)
    await Promise.all(
      Array.from({ length: 1000 }, (_, i) => exchange.ask(subjectOf(name, (first + i) % topics), BODY, {})),
    );
  return name;
}

function subjectOf(stream: string, topic: number): string {
  return `${stream}.${topic}`;
}

async function measure(name: string, count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const before = cpuOf(nats.pid);
  const start = performance.now();
  for (let i = 0; i < count; i++) await work(i);
  const figures = [performance.now() - start, (cpuOf(nats.pid) - before) / 1000].map((all) => (all / count).toFixed(3));
  console.log(`| ${[name, ...figures].join(" | ")} |`);
}

function messageOf(n: number): Message {
  return chatMessage(n, BODY);
}
