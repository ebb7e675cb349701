/**
 * What a join costs in rooms of 10, 1,000 and 10,000 that fill one by one, one join a millisecond: sends, and CPU time of
 * the process without the writes to sockets (a connection here only counts). Its peer is a room that tells each join to
 * all who are there, as plain room servers do, with the same encoder, in the same run.
 *
 *   bun packages/server/bench/presence.ts
 */
import type { Push } from "@tidegate/protocol";
import { MemoryPresence } from "../src/adapters/memory/presence.ts";
import type { Connection, Encoder, Frame } from "../src/delivery/connection.ts";
import type { Subscriber } from "../src/delivery/subscription.ts";
import { Audience } from "../src/presence/audience.ts";
import { FakeClock } from "../test/support/fake-clock.ts";

const SIZES = [10, 1_000, 10_000];
const SETTINGS = { grace: 5_000, maxMembers: 100 };
const TOPIC = "chat/room";
/** Joins measured for each size, so that small rooms are measured long enough. */
const JOINS = 20_000;

interface Cost {
  readonly sends: number;
  readonly cpuMicros: number;
}

const encoder: Encoder = {
  group: undefined,
  message: (stored) => stored.message.topic,
  push: (push: Push) => JSON.stringify(push),
  join: (frames) => frames.join("\n"),
};

/** A client that takes everything at once. */
class Client implements Subscriber {
  readonly encoder = encoder;
  readonly connection: Connection;

  constructor(taken: (frame: Frame) => void) {
    this.connection = {
      send: taken,
      cork: (sends) => sends(),
      subscribe: () => undefined,
      unsubscribe: () => undefined,
      getBufferedAmount: () => 0,
      close: () => undefined,
      terminate: () => undefined,
    };
  }

  async whenWritable(): Promise<void> {}
}

function clientsOf(size: number, taken: (frame: Frame) => void): Client[] {
  return Array.from({ length: size }, () => new Client(taken));
}

function tidegate(size: number): number {
  let sends = 0;
  const clock = new FakeClock();
  const presence = new MemoryPresence({ clock });
  const audience = new Audience(presence, { clock, maxBuffered: 65_536, maxMembers: () => SETTINGS.maxMembers });
  for (const [i, client] of clientsOf(size, () => sends++).entries()) {
    audience.add(TOPIC, client);
    presence.enter(TOPIC, `session${i}`, { user: `user${i}`, info: undefined }, SETTINGS);
    clock.advance(1);
  }
  clock.advance(60_000);
  return sends;
}

function plainRoom(size: number): number {
  let sends = 0;
  const room: Client[] = [];
  for (const [i, client] of clientsOf(size, () => sends++).entries()) {
    room.push(client);
    const members = [{ user: `user${i}`, info: undefined }];
    const frame = encoder.push({ kind: "join", topic: TOPIC, members, count: room.length });
    for (const { connection } of room) connection.send(frame);
  }
  return sends;
}

function measure(fill: (size: number) => number, size: number): Cost {
  fill(Math.min(size, 1_000));
  const rooms = Math.max(1, Math.round(JOINS / size));
  const before = process.cpuUsage();
  let sends = 0;
  for (let i = 0; i < rooms; i++) sends += fill(size);
  const { user, system } = process.cpuUsage(before);
  return { sends: sends / (rooms * size), cpuMicros: (user + system) / (rooms * size) };
}

const MICROS_PER_WRITE = 5;

function row(size: number): Record<string, string | number> {
  const ours = measure(tidegate, size);
  const plain = measure(plainRoom, size);
  const whole = ({ sends, cpuMicros }: Cost) => cpuMicros + sends * MICROS_PER_WRITE;
  return {
    room: size,
    "sends/join": ours.sends.toFixed(1),
    "plain sends/join": plain.sends.toFixed(1),
    "µs/join": ours.cpuMicros.toFixed(2),
    "plain µs/join": plain.cpuMicros.toFixed(2),
    "plain / ours, sends": (plain.sends / ours.sends).toFixed(1),
    [`plain / ours, with ${MICROS_PER_WRITE} µs a write`]: (whole(plain) / whole(ours)).toFixed(1),
  };
}

console.table(SIZES.map(row));
