import { generate, parser } from "mqtt-packet";
import {
  encodePacket,
  encodePublish,
  MqttDecoder,
  withPacketId,
  type MqttVersion,
  type PublishPacket,
  type Qos,
} from "../src/mqtt.ts";

/**
 * `node scripts/bun.mjs run packages/protocol/bench/mqtt.ts`: a PUBLISH with 100 bytes of payload, written and read, beside
 * mqtt-packet (the codec of MQTT.js and aedes) in one run. The decoder here also checks what mqtt-packet does not.
 */

const ROUNDS = 9;
/** Milliseconds of each round of each contender; they take turns, so that a noisy machine is noisy to all. */
const SLICE = 40;
/** Milliseconds that each runs before anything is measured: the compiler works beside it. */
const WARM_UP = 400;
/** Packets in a chunk, where many come at once. */
const TOGETHER = 50;

interface Contender {
  readonly name: string;
  /** Returns how many packets it did, so that the work cannot be left out. */
  readonly run: () => number;
}

const PAYLOAD = new TextEncoder().encode("x".repeat(100));
const PROPERTIES = {
  userProperties: [["traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]],
} as const;

function publishOf(qos: Qos, version: MqttVersion): PublishPacket {
  const packetId = qos === 0 ? undefined : 4711;
  const properties = version === 5 ? PROPERTIES : undefined;
  const topic = "sensors/room_1/temperature";
  return { type: "publish", topic, payload: PAYLOAD, qos, retain: false, dup: false, packetId, properties };
}

function writing(qos: Qos, version: MqttVersion): readonly Contender[] {
  const packet = publishOf(qos, version);
  const { topic, packetId: messageId, properties } = packet;
  const payload = Buffer.from(PAYLOAD);
  const fields = { cmd: "publish", topic, payload, qos, retain: false, dup: false } as const;
  const trace =
    properties === undefined ? {} : { properties: { userProperties: Object.fromEntries(PROPERTIES.userProperties) } };
  const peer = { ...fields, ...trace, ...(messageId === undefined ? {} : { messageId }) };
  const options = { protocolVersion: version };
  const frame = encodePublish(packet, version);
  return [
    { name: "tidegate", run: () => Math.min(1, encodePacket(packet, version).length) },
    { name: "mqtt-packet", run: () => Math.min(1, generate(peer, options).length) },
    { name: "tidegate, fan-out", run: () => Math.min(1, withPacketId(frame, 4711, false).length) },
  ];
}

function reading(qos: Qos, version: MqttVersion, together: number): readonly Contender[] {
  const one = encodePacket(publishOf(qos, version), version);
  const chunk = new Uint8Array(one.length * together);
  for (let i = 0; i < together; i++) chunk.set(one, i * one.length);
  const buffer = Buffer.from(chunk);
  const ours = new MqttDecoder({ role: "server", version, maxPacketSize: 1_000_000 });
  const theirs = parser({ protocolVersion: version });
  let seen = 0;
  theirs.on("packet", (packet) => void (seen += packet.cmd === "publish" ? 1 : 0));
  const counted = (work: () => void): (() => number) => {
    return () => {
      const before = seen;
      work();
      return seen - before;
    };
  };
  const take = ({ type }: { readonly type: string }): void => void (seen += type === "publish" ? 1 : 0);
  return [
    { name: "tidegate", run: counted(() => ours.read(chunk, take)) },
    { name: "mqtt-packet", run: counted(() => void theirs.parse(buffer)) },
  ];
}

/** Median rate of each, and the first one's ratio to each other one. */
function report(what: string, contenders: readonly Contender[]): void {
  const rates: number[][] = contenders.map(() => []);
  for (const { run } of contenders) measure(run, WARM_UP);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { run }] of contenders.entries()) rates[i]!.push(measure(run, SLICE));
  }
  const medians = rates.map((list) => list.toSorted((a, b) => a - b)[ROUNDS >> 1]!);
  console.log(what);
  for (const [i, { name }] of contenders.entries()) {
    const nanos = Math.round(1e9 / medians[i]!).toString();
    const ratio = i === 0 ? "" : `  tidegate is ${(medians[0]! / medians[i]!).toFixed(2)} times as fast`;
    console.log(`  ${name.padEnd(20)} ${nanos.padStart(6)} ns${ratio}`);
  }
}

/** Packets a second, over `slice` milliseconds. */
function measure(run: () => number, slice: number): number {
  const start = performance.now();
  let packets = 0;
  while (performance.now() - start < slice) for (let i = 0; i < 50; i++) packets += run();
  if (packets === 0) throw new Error("a contender did nothing");
  return (packets / (performance.now() - start)) * 1000;
}

for (const version of [4, 5] as const) {
  for (const qos of [0, 1] as const) {
    const name = `MQTT ${version === 4 ? "3.1.1" : "5.0"}, QoS ${qos}`;
    report(`${name}: write`, writing(qos, version));
    report(`${name}: read, one in a chunk`, reading(qos, version, 1));
    report(`${name}: read, ${TOGETHER} in a chunk`, reading(qos, version, TOGETHER));
  }
}
