import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { PublishCommand } from "../src/command.ts";
import { jsonCodec } from "../src/json/codec.ts";
import type { Stored } from "../src/message.ts";
import { Payload } from "../src/payload.ts";
import { protoCodec } from "../src/proto/codec.ts";
import { ClientFrameSchema, Format, ServerFrameSchema } from "../test/gen/tidegate/v1/tidegate_pb.ts";

/**
 * `npm run -w packages/protocol bench`: what the hot frames cost beside the usual way to do the same, in one run.
 * The peers are JSON.parse and JSON.stringify of the whole frame, and @bufbuild/protobuf with generated code. The
 * decoders here also check every field; the peers do not.
 */

const ROUNDS = 7;
/** Milliseconds of each round of each contender; they take turns, so that a noisy machine is noisy to all. */
const SLICE = 50;
/** Milliseconds that each runs before anything is measured: the compiler works beside it, and late on a busy machine. */
const WARM_UP = 500;

const DECODER = new TextDecoder("utf-8", { fatal: true });

interface Contender {
  readonly name: string;
  /** Returns something of its result, so that the work cannot be left out. */
  readonly run: () => number;
}

const BODIES = {
  chat: JSON.stringify({ text: "Shall we meet at eight?", to: "room_1" }),
  "1 KB": JSON.stringify({
    text: "x".repeat(500),
    readings: Array.from({ length: 12 }, (_, i) => ({ sensor: `sensor-${i}`, value: i * 1.5, ok: i % 2 === 0 })),
  }),
} as const;

function decoders(body: string): Readonly<Record<string, readonly Contender[]>> {
  const command: PublishCommand = { ...PUBLISH, payload: Payload.json(body) };
  const line = jsonCodec.encodeCommand(command);
  const frame = protoCodec.encodeCommand(command);
  // The peer reads one message, without the length before it.
  const bare = frame.subarray(frame[0]! > 127 ? 2 : 1);
  return {
    "decode publish, JSON": [
      { name: "tidegate", run: () => jsonCodec.decode(line).length },
      { name: "JSON.parse", run: () => (JSON.parse(line) as { id: number }).id },
      { name: "JSON.parse, data stringified", run: () => parsedAgain(line) },
    ],
    "decode publish, Protobuf": [
      { name: "tidegate", run: () => protoCodec.decode(frame).length },
      { name: "@bufbuild/protobuf", run: () => fromBinary(ClientFrameSchema, bare).id },
      { name: "the same, payload checked", run: () => checkedPayload(bare) },
    ],
  };
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

function parsedAgain(line: string): number {
  const { publish } = JSON.parse(line) as { publish: { data: unknown } };
  return JSON.stringify(publish.data).length;
}

/** What a gateway must know before it may put the payload into JSON frames. */
function checkedPayload(bytes: Uint8Array): number {
  const { command } = fromBinary(ClientFrameSchema, bytes);
  if (command.case !== "publish") return 0;
  const text = DECODER.decode(command.value.payload);
  return JSON.parse(text) === undefined ? 0 : text.length;
}

function encoders(body: string): Readonly<Record<string, readonly Contender[]>> {
  const stored = storedOf(body);
  const data = JSON.parse(body) as unknown;
  const { message } = stored;
  const plain = {
    topic: message.topic,
    offset: 5000,
    previous: 4999,
    id: message.id,
    from: message.from,
    time: message.time,
  };
  const payload = message.payload.bytes;
  const value = { ...plain, offset: 5000n, previous: 4999n, time: BigInt(message.time), format: Format.JSON, payload };
  return {
    "encode message, JSON": [
      // Writing into bytes is what every text must go through to be sent; without it a rope would cost nothing.
      { name: "tidegate", run: () => utf8(jsonCodec.message(stored, undefined, false)) },
      { name: "JSON.stringify", run: () => utf8(JSON.stringify({ message: { ...plain, data } })) },
    ],
    "encode message, Protobuf": [
      { name: "tidegate", run: () => protoCodec.message(stored, undefined, false).length },
      {
        name: "@bufbuild/protobuf",
        run: () =>
          toBinary(ServerFrameSchema, create(ServerFrameSchema, { frame: { case: "message", value: value as never } }))
            .length,
      },
    ],
  };
}

function storedOf(body: string): Stored {
  const { topic, messageId, priority, headers, retain } = PUBLISH;
  const payload = Payload.json(body);
  const time = 1_767_222_000_123;
  const message = {
    topic,
    payload,
    id: messageId,
    from: "user_42",
    time,
    priority,
    headers,
    retain,
    origin: "websocket",
  } as const;
  return { message, offset: 5000, previous: 4999 };
}

function utf8(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Median rate of each, and the first one's ratio to each other one. */
function report(what: string, contenders: readonly Contender[]): void {
  const rates: number[][] = contenders.map(() => []);
  for (const { run } of contenders) measure(run, WARM_UP);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, { run }] of contenders.entries()) rates[i]!.push(measure(run, SLICE));
  const medians = rates.map((list) => list.toSorted((a, b) => a - b)[ROUNDS >> 1]!);
  for (const [i, { name }] of contenders.entries()) {
    const ratio = i === 0 ? "" : `  tidegate is ${(medians[0]! / medians[i]!).toFixed(2)} times as fast`;
    console.log(
      `  ${what.padEnd(26)} ${name.padEnd(28)} ${Math.round(medians[i]! / 1000)
        .toString()
        .padStart(6)} k/s${ratio}`,
    );
  }
}

/** Runs a second, over `slice` milliseconds. */
function measure(run: () => number, slice: number): number {
  const start = performance.now();
  let runs = 0;
  let seen = 0;
  while (performance.now() - start < slice) {
    for (let i = 0; i < 200; i++) seen += run();
    runs += 200;
  }
  if (seen === 0) throw new Error("a contender did nothing");
  return (runs / (performance.now() - start)) * 1000;
}

for (const [size, body] of Object.entries(BODIES)) {
  const cases = { ...decoders(body), ...encoders(body) };
  console.log(`\n${size} message, ${body.length} bytes of payload`);
  for (const [what, contenders] of Object.entries(cases)) report(what, contenders);
}
