import type { Push } from "@tidegate/protocol";
import { MemoryPresence } from "../../../server/src/adapters/memory/presence.ts";
import type { Connection, Encoder, Frame } from "../../../server/src/delivery/connection.ts";
import type { Subscriber } from "../../../server/src/delivery/subscription.ts";
import { Audience } from "../../../server/src/presence/audience.ts";
import { FakeClock } from "../../../server/test/support/fake-clock.ts";
import { fakeConnection } from "../../../server/test/support/fake-connection.ts";
import { type Metric, type Table, tableOf } from "../../src/report/result.ts";
import { Series } from "../../src/report/series.ts";
import type { Context } from "./context.ts";

const SIZES = [10, 1_000, 10_000] as const;
const SETTINGS = { grace: 5_000, maxMembers: 100 };
const TOPIC = "chat/room";
/** Joins measured for each size, so that small rooms are measured long enough. */
const JOINS = 20_000;

const METRICS: readonly Metric[] = [
  { key: "sends", label: "sends a join", digits: 1 },
  { key: "plainSends", label: "plain room's", digits: 1 },
  { key: "fewer", label: "times fewer", digits: 1 },
  { key: "micros", label: "µs of CPU a join", digits: 2 },
  { key: "plainMicros", label: "plain room's", digits: 2 },
];

/**
 * What a join costs in rooms that fill one by one, one join a millisecond: sends, and CPU without the writes to sockets (a
 * connection here only counts). Beside it: a room that tells each join to all who are there, as plain room servers do.
 */
export function presence({ rounds, progress }: Context): Table {
  const series = new Series();
  for (let round = 0; round < rounds; round++)
    for (const size of SIZES) {
      const [ours, plain] = [measure(tidegate, size), measure(plainRoom, size)];
      series.add(`room of ${size.toLocaleString("en-US")}`, {
        sends: ours.sends,
        plainSends: plain.sends,
        fewer: plain.sends / ours.sends,
        micros: ours.micros,
        plainMicros: plain.micros,
      });
      progress(`presence, round ${round + 1}, room of ${size}: ${ours.sends.toFixed(1)} sends a join`);
    }
  return tableOf("Presence: what a join costs while a room fills", series, METRICS);
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
    this.connection = fakeConnection(taken);
  }

  async whenWritable(): Promise<void> {}
}

function clientsOf(size: number, taken: (frame: Frame) => void): Client[] {
  return Array.from({ length: size }, () => new Client(taken));
}

/** Sends while a room of this size fills. */
function tidegate(size: number): number {
  let sends = 0;
  const clock = new FakeClock();
  const registry = new MemoryPresence({ clock });
  const audience = new Audience(registry, { clock, maxBuffered: 65_536, maxMembers: () => SETTINGS.maxMembers });
  for (const [i, client] of clientsOf(size, () => sends++).entries()) {
    audience.add(TOPIC, client);
    registry.enter(TOPIC, `session${i}`, { user: `user${i}`, info: undefined }, SETTINGS);
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

function measure(fill: (size: number) => number, size: number): { sends: number; micros: number } {
  fill(Math.min(size, 1_000));
  const rooms = Math.max(1, Math.round(JOINS / size));
  const before = process.cpuUsage();
  let sends = 0;
  for (let i = 0; i < rooms; i++) sends += fill(size);
  const { user, system } = process.cpuUsage(before);
  return { sends: sends / (rooms * size), micros: (user + system) / (rooms * size) };
}
