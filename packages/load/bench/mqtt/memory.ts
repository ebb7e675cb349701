import { randomBytes } from "node:crypto";
import { encodePacket, type MqttVersion } from "@tidegate/protocol/mqtt";
import { type Memory, memory } from "../../src/measure/process-stats.ts";
import { Tally } from "../../src/measure/tally.ts";
import type { Metric } from "../../src/report/result.ts";
import { type Sample, Series } from "../../src/report/series.ts";
import { MANY_ADDRESSES } from "../support/contestants.ts";
import type { ServerProcess } from "../../src/servers/server-process.ts";
import { settled } from "../support/settled.ts";
import { tokenOf } from "../support/token.ts";
import { MqttLoadClient, openAll } from "./client.ts";
import type { Broker } from "./field.ts";

/** Connections of one topic. */
const MEMBERS = 10;
/** Seconds; nothing is sent for longer than the measurement takes. */
const KEEP_ALIVE = 600;

export const MEMORY: readonly Metric[] = [
  { key: "empty", label: "empty server, RSS MB", digits: 1 },
  { key: "rss", label: "RSS bytes a connection", digits: 0, ratio: true },
  { key: "pss", label: "Pss bytes a connection", digits: 0 },
  { key: "anonymous", label: "anonymous bytes a connection", digits: 0 },
  { key: "connects", label: "connections/s while they come", digits: 0 },
];

/** Who is measured, and how. */
interface Subject {
  readonly name: string;
  readonly start: () => Promise<ServerProcess>;
  readonly only: MqttVersion | undefined;
  /** Signs the clients' tokens; undefined: they have none. */
  readonly secret: string | undefined;
}

/** One after another, a fresh server each; a Tidegate also with a token for each client. */
export async function measureMemory(
  brokers: readonly Broker[],
  connections: number,
  progress: (text: string) => void,
): Promise<Series> {
  const series = new Series();
  for (const subject of brokers.flatMap(subjectsOf)) {
    const sample = await measureSubject(subject, connections);
    series.add(subject.name, sample);
    progress(`memory, ${subject.name}: ${Math.round(sample["rss"] ?? Number.NaN)} bytes a connection`);
  }
  return series;
}

function subjectsOf({ name, only, startOpen, startGuarded }: Broker): readonly Subject[] {
  const open = { name, start: startOpen, only, secret: undefined };
  if (startGuarded === undefined) return [open];
  const secret = randomBytes(32).toString("hex");
  return [open, { name: `${name}, tokens`, start: () => startGuarded(secret), only, secret }];
}

async function measureSubject({ name, start, only, secret }: Subject, connections: number): Promise<Sample> {
  const server = await start();
  try {
    const look = (): Memory => memory(server.pid);
    const empty = await settled(look);
    const tally = new Tally();
    const plan = { port: server.port, tally, secret, only };
    const clients = Array.from({ length: connections }, (_, i) => idleClient(i, plan));
    const begin = performance.now();
    await openAll(clients);
    const connects = connections / ((performance.now() - begin) / 1000);
    const full = await settled(look);
    for (const client of clients) client.close();
    if (tally.faults.length > 0) throw new Error(`${name}: ${tally.faults.join("; ")}`);
    const each = (key: keyof Memory): number => (full[key] - empty[key]) / connections;
    const sizes = { rss: each("rss"), pss: each("pss"), anonymous: each("anonymous") };
    return { empty: empty.rss / 2 ** 20, ...sizes, connects };
  } finally {
    await server.stop();
  }
}

interface IdlePlan extends Pick<Subject, "secret" | "only"> {
  readonly port: number;
  readonly tally: Tally;
}

/** Every other one speaks MQTT 5, where the broker knows it. The token is the password. */
function idleClient(index: number, { port, tally, secret, only }: IdlePlan): MqttLoadClient {
  const version = only ?? (index % 2 === 0 ? 4 : 5);
  const connect = {
    type: "connect",
    version,
    clientId: `device_${index}`,
    cleanStart: true,
    keepAlive: KEEP_ALIVE,
    will: undefined,
    username: secret === undefined ? undefined : `user_${index}`,
    password: secret === undefined ? undefined : Buffer.from(tokenOf(index, secret)),
    properties: undefined,
  } as const;
  const filter = `devices/group_${Math.floor(index / MEMBERS)}/state`;
  const wish = { filter, qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  const subscribe = { type: "subscribe", packetId: 1, subscriptions: [wish], properties: undefined } as const;
  const greeting = [encodePacket(connect, version), encodePacket(subscribe, version)];
  const host = MANY_ADDRESSES[index % MANY_ADDRESSES.length]!;
  return new MqttLoadClient(`client ${index}`, { host, port }, greeting, tally);
}
