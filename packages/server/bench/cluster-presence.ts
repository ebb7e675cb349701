import { pino } from "pino";
import { MemoryBusHub } from "../src/adapters/memory/bus-hub.ts";
import { systemClock } from "../src/clock.ts";
import type { Nodes } from "../src/cluster/nodes.ts";
import { Directory } from "../src/presence/cluster/directory.ts";
import { ClusterPresence } from "../src/presence/cluster/presence.ts";
import { Edition } from "../src/presence/cluster/topic.ts";
import { newsOf, readPacket, writePacket, type TopicNews } from "../src/presence/cluster/wire.ts";
import { NewsWriter } from "../src/presence/cluster/writer.ts";
import { heap } from "./support/heap.ts";

/**
 * What presence across gateways costs: `bun packages/server/bench/cluster-presence.ts [joins] [rounds]`.
 *
 * A join has a topic of some 1,000, a user of 12 characters and 37 of what it says of itself. Changes are told in batches of 500:
 * 10,000 joins a second, every 50 ms. Every gateway pays for the reading and the holding of all joins, one for the telling. Beside JSON stands
 * a binary encoding written for this, for the question whether it would be worth it. The middle of the rounds is printed.
 */
const [joins = 200_000, rounds = 5] = process.argv.slice(2).map(Number);
const MEMBERS = 100_000;
const BATCH = 500;
const RATE = 10_000;

interface Join {
  readonly topic: string;
  readonly user: string;
  readonly info: string | undefined;
}

const SETTINGS = { grace: 5000, maxMembers: 100 };
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const buffer = new Uint8Array(1 << 20);

await printCosts();
console.log();
await printMemory();
process.exit(0);

async function printCosts(): Promise<void> {
  const measured = new Map<string, number[]>();
  const note = (name: string, micros: number) => measured.set(name, [...(measured.get(name) ?? []), micros]);
  for (let round = 0; round < rounds; round++) {
    const batches = batchesOf(round);
    const texts = timed(note, "JSON: written", batches, writeJson);
    timed(note, "JSON: read", texts, (payload) => newsOf(readPacket(payload).body));
    const binaries = timed(note, "binary: written", batches, writeBinary);
    timed(note, "binary: read", binaries, readBinary);
    const news = texts.map((payload) => newsOf(readPacket(payload).body));
    const directory = new Directory({ joined() {}, renewed() {}, left() {}, shared() {} });
    const edition = new Edition({ id: "other", isGone: false });
    timed(note, "held", news, (topics) => hold(directory, edition, topics));
    note("a gateway's own: entered and told", await ownJoins(batches));
    if (round === 0) console.log(`bytes of a join: JSON ${bytesOf(texts)}, binary ${bytesOf(binaries)}\n`);
  }
  console.log("| step | µs a join | of a core at 10,000 joins/s |\n|---|---|---|");
  for (const [name, values] of measured) {
    const micros = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
    console.log(`| ${name} | ${micros.toFixed(2)} | ${((micros * RATE) / 10_000).toFixed(1)} % |`);
  }
}

function timed<A, B>(
  note: (name: string, micros: number) => void,
  name: string,
  all: readonly A[],
  work: (one: A) => B,
) {
  const start = performance.now();
  const results = all.map(work);
  note(name, ((performance.now() - start) * 1000) / joins);
  return results;
}

function batchesOf(round: number): readonly (readonly Join[])[] {
  const all = Array.from({ length: joins }, (_, i) => ({
    topic: `chat/room_${(i * 7919) % 1000}`,
    user: `user-${round}-${String(i).padStart(6, "0")}`,
    info: JSON.stringify({ name: `Somebody ${i % 1000}`, color: "#aabbcc" }).slice(0, 40),
  }));
  return Array.from({ length: joins / BATCH }, (_, i) => all.slice(i * BATCH, (i + 1) * BATCH));
}

function byTopic(batch: readonly Join[]): Map<string, Join[]> {
  return Map.groupBy(batch, ({ topic }) => topic);
}

function writeJson(batch: readonly Join[]): Uint8Array {
  const writer = new NewsWriter(1_000_000);
  for (const [topic, members] of byTopic(batch))
    for (const { user, info } of members) writer.present(topic, 5000, { user, age: 12, info });
  return writePacket({ kind: "change", owner: "gateway", number: 1, time: 1_700_000_000_000 }, writer.take());
}

/** Lengths of 16 bits before texts, numbers of 32 bits. */
function writeBinary(batch: readonly Join[]): Uint8Array {
  const view = new DataView(buffer.buffer);
  let at = 0;
  const text = (value: string) => {
    const { written } = encoder.encodeInto(value, buffer.subarray(at + 2));
    view.setUint16(at, written);
    at += 2 + written;
  };
  const number = (value: number) => (view.setUint32(at, value), (at += 4));
  for (const [topic, members] of byTopic(batch)) {
    text(topic);
    number(5000);
    number(members.length);
    for (const { user, info } of members) {
      text(user);
      number(12);
      text(info ?? "");
    }
  }
  return buffer.slice(0, at);
}

function readBinary(bytes: Uint8Array): readonly TopicNews[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 0;
  const number = () => ((at += 4), view.getUint32(at - 4));
  const text = () => {
    const end = at + 2 + view.getUint16(at);
    const value = decoder.decode(bytes.subarray(at + 2, end));
    at = end;
    return value;
  };
  const topics: TopicNews[] = [];
  while (at < bytes.length) {
    const [topic, grace, count] = [text(), number(), number()];
    const present = Array.from({ length: count }, () => [text(), number(), text()] as const);
    topics.push({ topic, grace, present, gone: [] });
  }
  return topics;
}

function hold(directory: Directory, edition: Edition, news: readonly TopicNews[]): void {
  for (const { topic, present } of news)
    for (const [user, age, info] of present)
      directory.claim(directory.topic(topic), edition, { user, info, at: 1_700_000_000_000 - age });
}

async function ownJoins(batches: readonly (readonly Join[])[]): Promise<number> {
  const { presence, close } = gateway("own");
  const start = performance.now();
  for (const batch of batches) {
    for (const { topic, user, info } of batch) presence.enter(topic, `s-${user}`, { user, info }, SETTINGS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const micros = ((performance.now() - start) * 1000) / joins;
  await close();
  return micros;
}

function gateway(
  id: string,
  others: readonly string[] = [],
): { presence: ClusterPresence; close: () => Promise<void>; say: (payload: Uint8Array) => void } {
  const hub = new MemoryBusHub({ clock: systemClock });
  const bus = hub.open();
  const all = [id, ...others].map((one) => ({ id: one })) as unknown as Nodes["all"];
  const nodes: Nodes = { self: id, all, has: () => true, watch: () => () => undefined };
  const logger = pino({ level: "silent" });
  const presence = new ClusterPresence({ clock: systemClock, bus, nodes, random: Math.random, logger });
  return { presence, close: () => presence.close(), say: (payload) => bus.publish(["presence"], payload) };
}

async function printMemory(): Promise<void> {
  console.log(`| ${MEMBERS} members of another gateway, in | saying nothing | saying 37 characters |\n|---|---|---|`);
  for (const topics of [10, 1000, 10_000, 50_000, 100_000]) {
    const cells = [await bytesPerMember(topics, false), await bytesPerMember(topics, true)];
    console.log(`| ${topics} topics | ${cells.map((bytes) => `${Math.round(bytes)} bytes each`).join(" | ")} |`);
  }
}

async function bytesPerMember(topics: number, hasInfo: boolean): Promise<number> {
  const { presence, close, say } = gateway("one", ["other"]);
  const before = heap();
  for (let number = 1, next = 0; next < MEMBERS; number++, next += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, i) => memberOf(next + i, topics, hasInfo));
    const writer = new NewsWriter(1_000_000);
    for (const [topic, members] of byTopic(batch))
      for (const { user, info } of members) writer.present(topic, 5000, { user, age: 12, info });
    const kind = number === 1 ? "whole" : "change";
    say(writePacket({ kind, owner: "other", number, time: 1_700_000_000_000 }, writer.take()));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
  const { topics: held } = presence.figures;
  if (held !== topics) throw new Error(`${held} of ${topics} topics are held`);
  const bytes = (heap() - before) / MEMBERS;
  await close();
  return bytes;
}

function memberOf(i: number, topics: number, hasInfo: boolean): Join {
  const info = hasInfo ? JSON.stringify({ name: `Somebody ${i}`, color: "#aabbcc" }).slice(0, 37) : undefined;
  return { topic: `chat/room_${i % topics}`, user: `user-${String(i).padStart(7, "0")}`, info };
}

function bytesOf(payloads: readonly Uint8Array[]): number {
  return Math.round(payloads.reduce((sum, { length }) => sum + length, 0) / joins);
}
