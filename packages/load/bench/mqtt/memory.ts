import { randomBytes } from "node:crypto";
import { encodePacket, type MqttVersion } from "@tidegate/protocol/mqtt";
import { type Memory, memory } from "../../src/measure/process-stats.ts";
import { Tally } from "../../src/measure/tally.ts";
import type { Metric } from "../../src/report/result.ts";
import { type Sample, Series } from "../../src/report/series.ts";
import { MANY_ADDRESSES } from "../support/contestants.ts";
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

/** One after another, a fresh server each. */
export async function measureMemory(
  brokers: readonly Broker[],
  connections: number,
  progress: (text: string) => void,
): Promise<Series> {
  const series = new Series();
  for (const broker of brokers) {
    const sample = await measureBroker(broker, connections);
    series.add(broker.name, sample);
    progress(`memory, ${broker.name}: ${Math.round(sample["rss"] ?? Number.NaN)} bytes a connection`);
  }
  return series;
}

async function measureBroker(broker: Broker, connections: number): Promise<Sample> {
  const secret = randomBytes(32).toString("hex");
  const { pid, port, stop } = await started(broker, secret);
  try {
    const look = (): Memory => memory(pid);
    const empty = await settled(look);
    const tally = new Tally();
    const clients = Array.from({ length: connections }, (_, i) => idleClient(i, port, tally, secret));
    const start = performance.now();
    await openAll(clients);
    const connects = connections / ((performance.now() - start) / 1000);
    const full = await settled(look);
    for (const client of clients) client.close();
    if (tally.faults.length > 0) throw new Error(`${broker.name}: ${tally.faults.join("; ")}`);
    const each = (key: keyof Memory): number => (full[key] - empty[key]) / connections;
    const sizes = { rss: each("rss"), pss: each("pss"), anonymous: each("anonymous") };
    return { empty: empty.rss / 2 ** 20, ...sizes, connects };
  } finally {
    await stop();
  }
}

async function started(broker: Broker, secret: string) {
  const server = await broker.startOpen(secret);
  return { pid: server.pid, port: server.port, stop: () => server.stop() };
}

/** Every other one speaks MQTT 5. The token is the password: who asks for none passes over it. */
function idleClient(index: number, port: number, tally: Tally, secret: string): MqttLoadClient {
  const version: MqttVersion = index % 2 === 0 ? 4 : 5;
  const connect = {
    type: "connect",
    version,
    clientId: `device_${index}`,
    cleanStart: true,
    keepAlive: KEEP_ALIVE,
    will: undefined,
    username: `user_${index}`,
    password: Buffer.from(tokenOf(index, secret)),
    properties: undefined,
  } as const;
  const filter = `devices/group_${Math.floor(index / MEMBERS)}/state`;
  const wish = { filter, qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  const subscribe = { type: "subscribe", packetId: 1, subscriptions: [wish], properties: undefined } as const;
  const greeting = [encodePacket(connect, version), encodePacket(subscribe, version)];
  const host = MANY_ADDRESSES[index % MANY_ADDRESSES.length]!;
  return new MqttLoadClient(`client ${index}`, { host, port }, greeting, tally);
}
