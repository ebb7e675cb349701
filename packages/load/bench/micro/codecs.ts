import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { jsonCodec, Payload, protoCodec, type PublishCommand, type Stored } from "@tidegate/protocol";
import { ClientFrameSchema, Format, ServerFrameSchema } from "../../../protocol/test/gen/tidegate/v1/tidegate_pb.ts";
import { type Metric, type Table, tableOf } from "../../src/report/result.ts";
import { Series } from "../../src/report/series.ts";
import type { Context } from "./context.ts";

/** Calls between two looks at the clock; contenders take turns in slices, so that a noisy machine is noisy to all. */
const SLICE = 10_000;
/** Calls before anything is measured: the compiler works beside them. */
const WARM_UP = 50_000;

const DECODER = new TextDecoder("utf-8", { fatal: true });

/** One way to do the work. `run` returns the bytes on the wire, so that the work cannot be left out. */
interface Contender {
  readonly name: string;
  readonly run: () => number;
}

const BODY = JSON.stringify({
  text: "x".repeat(500),
  readings: Array.from({ length: 12 }, (_, i) => ({ sensor: `sensor-${i}`, value: i * 1.5, ok: i % 2 === 0 })),
});

const METRICS: readonly Metric[] = [
  { key: "rate", label: "messages/s", digits: 0, ratio: true },
  { key: "micros", label: "µs each", digits: 2 },
  { key: "bytes", label: "bytes on the wire", digits: 0 },
];

/**
 * The hot frames, `messages` of them each way, beside the usual way to do the same: JSON.parse and JSON.stringify of the
 * whole frame, and @bufbuild/protobuf with generated code. Tidegate's decoders also check every field; those do not.
 */
export function codecs({ messages, rounds, progress }: Context): readonly Table[] {
  const cases = { ...decoders(), ...encoders() };
  return Object.entries(cases).map(([what, contenders]) => {
    const series = new Series();
    for (let round = 0; round < rounds; round++)
      for (const { name, micros, bytes } of measure(contenders, messages))
        series.add(name, { rate: 1e6 / micros, micros, bytes });
    progress(`${what}: ${contenders.map(({ name }) => `${name} ${rateOf(series, name)}/s`).join(", ")}`);
    const title = `${what}: ${messages.toLocaleString("en-US")} messages of ${BODY.length} bytes`;
    return tableOf(title, series, METRICS, contenders[1]!.name);
  });
}

function rateOf(series: Series, name: string): string {
  return Math.round(series.spread(name, "rate")?.median ?? 0).toLocaleString("en-US");
}

/** Microseconds for one message of each. */
function measure(contenders: readonly Contender[], messages: number) {
  const spent = contenders.map(() => 0);
  const bytes = contenders.map(() => 0);
  for (const { run } of contenders) for (let i = 0; i < WARM_UP; i++) run();
  for (let done = 0; done < messages; done += SLICE)
    for (const [i, { run }] of contenders.entries()) {
      const start = performance.now();
      for (let n = 0; n < SLICE; n++) bytes[i]! += run();
      spent[i]! += performance.now() - start;
    }
  const count = Math.ceil(messages / SLICE) * SLICE;
  return contenders.map(({ name }, i) => ({ name, micros: (spent[i]! * 1000) / count, bytes: bytes[i]! / count }));
}

const PUBLISH = {
  kind: "publish",
  id: 7,
  topic: "chat/room_1",
  messageId: "01hq3v8e2n",
  priority: 1,
  headers: undefined,
  retain: false,
} as const;

function decoders(): Readonly<Record<string, readonly Contender[]>> {
  const command: PublishCommand = { ...PUBLISH, payload: Payload.json(BODY) };
  const line = jsonCodec.encodeCommand(command);
  const frame = protoCodec.encodeCommand(command);
  // The peer reads one message, without the length before it.
  const bare = frame.subarray(frame[0]! > 127 ? 2 : 1);
  return {
    "Decode a publish, JSON": [
      { name: "tidegate", run: () => jsonCodec.decode(line).length * line.length },
      { name: "JSON.parse, data as text", run: () => parsedAgain(line) },
    ],
    "Decode a publish, Protobuf": [
      { name: "tidegate", run: () => protoCodec.decode(frame).length * frame.length },
      { name: "@bufbuild/protobuf, payload checked", run: () => checkedPayload(bare) },
    ],
  };
}

/** What a gateway that hands the payload on needs of it. */
function parsedAgain(line: string): number {
  const { publish } = JSON.parse(line) as { publish: { data: unknown } };
  return JSON.stringify(publish.data) === "" ? 0 : line.length;
}

/** What a gateway must know before it may put the payload into JSON frames. */
function checkedPayload(bytes: Uint8Array): number {
  const { command } = fromBinary(ClientFrameSchema, bytes);
  if (command.case !== "publish") return 0;
  return JSON.parse(DECODER.decode(command.value.payload)) === undefined ? 0 : bytes.length;
}

function encoders(): Readonly<Record<string, readonly Contender[]>> {
  const { topic, messageId, priority, headers, retain } = PUBLISH;
  const [time, offset, previous, from, id] = [1_767_222_000_123, 5000, 4999, "user_42", messageId];
  const payload = Payload.json(BODY);
  const message = { topic, payload, id, from, time, priority, headers, retain, origin: "websocket" } as const;
  const stored: Stored = { message, offset, previous };
  const data = JSON.parse(BODY) as unknown;
  const plain = { topic, offset, previous, id, from, time };
  const numbers = { offset: BigInt(offset), previous: BigInt(previous), time: BigInt(time) };
  const value = { topic, id, from, ...numbers, format: Format.JSON, payload: payload.bytes };
  const byLibrary = (): Uint8Array =>
    toBinary(ServerFrameSchema, create(ServerFrameSchema, { frame: { case: "message", value: value as never } }));
  return {
    "Encode a delivery, JSON": [
      // Writing into bytes is what every text must go through to be sent; without it a rope would cost nothing.
      { name: "tidegate", run: () => utf8(jsonCodec.message(stored, undefined, false)) },
      { name: "JSON.stringify", run: () => utf8(JSON.stringify({ message: { ...plain, data } })) },
    ],
    "Encode a delivery, Protobuf": [
      { name: "tidegate", run: () => protoCodec.message(stored, undefined, false).length },
      { name: "@bufbuild/protobuf", run: () => byLibrary().length },
    ],
  };
}

function utf8(text: string): number {
  return new TextEncoder().encode(text).length;
}
