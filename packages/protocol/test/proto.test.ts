import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import type { PublishCommand } from "../src/command.ts";
import { InvalidInput } from "../src/error.ts";
import { LIMITS } from "../src/limits.ts";
import { protoCodec } from "../src/proto/codec.ts";
import { ClientFrameSchema, ServerFrameSchema, type ClientFrame } from "./gen/tidegate/v1/tidegate_pb.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A frame of one message that is shorter than 128 bytes, or longer with two bytes of length. */
function framed(body: Uint8Array): Uint8Array {
  const { length } = body;
  return Uint8Array.from([...(length < 128 ? [length] : [(length & 127) | 128, length >> 7]), ...body]);
}

function decode(command: ClientFrame["command"], id = 1): ReturnType<typeof protoCodec.decode> {
  return protoCodec.decode(framed(toBinary(ClientFrameSchema, create(ClientFrameSchema, { id, command }))));
}

function fault(command: unknown): string {
  const [first] = decode(command as ClientFrame["command"]);
  return first?.kind === "rejected" ? first.error.message : `accepted: ${JSON.stringify(first)}`;
}

const publish = (fields: object): unknown => ({ case: "publish", value: { topic: "a", ...fields } });

test("W3 a text frame is malformed", () => {
  expect(() => protoCodec.decode("{}")).toThrow("a Protobuf frame must be binary, this one is text");
});

test("W15 what is no Protobuf is refused as a whole", () => {
  const bad = [
    [],
    [0x80],
    [5, 1],
    [1, 0x08],
    [2, 0x08, 0x80],
    [2, 0x00, 0x00],
    [1, 0x0f],
    [1, 0x0c],
    [4, 0x3a, 5, 0x0a, 1],
    [1, 0x0b],
  ];
  for (const bytes of [...bad, [5, 0x2a, 3, 0x0a, 1, 0xff], [12, 0x08, ...Array<number>(11).fill(0xff)]])
    expect(() => protoCodec.decode(Uint8Array.from(bytes)), String(bytes)).toThrow(InvalidInput);
});

test("W15 W25 a frame has at most 1000 commands", () => {
  const ping = protoCodec.encodeCommand({ kind: "ping", id: 1 });
  const many = (count: number): Uint8Array => protoCodec.join(Array<Uint8Array>(count).fill(ping));
  expect(protoCodec.decode(many(LIMITS.commandsPerFrame))).toHaveLength(1000);
  expect(() => protoCodec.decode(many(LIMITS.commandsPerFrame + 1))).toThrow("the frame has more than 1000 commands");
});

test("W16 a wrong command is answered with its id, and the others are carried out", () => {
  const wrong = framed(
    toBinary(ClientFrameSchema, create(ClientFrameSchema, { id: 2, command: { case: "ack", value: {} } })),
  );
  const ping = protoCodec.encodeCommand({ kind: "ping", id: 1 });
  expect(protoCodec.decode(protoCodec.join([ping, wrong, ping]))).toMatchObject([
    { kind: "ping" },
    { kind: "rejected", id: 2, error: { reason: "invalid_argument", message: "ack.topic: it is missing" } },
    { kind: "ping" },
  ]);
});

test("W18 errors read as those of JSON do", () => {
  expect(fault(publish({ topic: "a/#" }))).toBe("publish.topic: a topic to publish to has no wildcards (+ or #)");
  expect(fault({ case: "subscribe", value: { topic: "a", since: { offset: 1n } } })).toBe(
    "subscribe.since.epoch: it is missing",
  );
  expect(fault({ case: "ack", value: { topic: "a", offset: 2n ** 53n } })).toBe(
    "ack.offset: it must be a whole number from 1 to 9007199254740991",
  );
  expect(fault(publish({ priority: 9 }))).toBe("publish.priority: it must be one of low, normal, high");
});

test("W19 id 0 is none, and the id may come after the command", () => {
  expect(decode({ case: "ping", value: create(ClientFrameSchema) as never }, 0)).toEqual([
    { kind: "ping", id: undefined },
  ]);
  expect(protoCodec.decode(Uint8Array.of(4, 0x52, 0, 0x08, 7))).toEqual([{ kind: "ping", id: 7 }]);
});

test("W24 what a newer server says is skipped", () => {
  expect(protoCodec.decodeServer(Uint8Array.of(4, 0x9a, 6, 1, 0))).toEqual([]);
});

test("W25 every limit is enforced at its edge", () => {
  const text = (length: number): string => "x".repeat(length);
  const cases: readonly (readonly [number, (size: number) => unknown])[] = [
    [LIMITS.topicBytes, (n) => ({ case: "subscribe", value: { topic: text(n) } })],
    [LIMITS.messageIdChars, (n) => publish({ messageId: text(n) })],
    [LIMITS.headerNameChars, (n) => publish({ headers: { [text(n)]: "" } })],
    [LIMITS.headerValueChars, (n) => publish({ headers: { a: text(n) } })],
    [
      LIMITS.headers,
      (n) => publish({ headers: Object.fromEntries(Array.from({ length: n }, (_, i) => [`h${i}`, "v"])) }),
    ],
    [LIMITS.tokenChars, (n) => ({ case: "connect", value: { token: text(n) } })],
    [LIMITS.clientChars, (n) => ({ case: "connect", value: { client: text(n) } })],
    [LIMITS.epochChars, (n) => ({ case: "subscribe", value: { topic: "a", since: { epoch: text(n) } } })],
    [
      LIMITS.presenceInfoChars,
      (n) => ({ case: "subscribe", value: { topic: "a", presence: { info: `{"a":"${text(n - 8)}"}` } } }),
    ],
    [LIMITS.ackWindow, (n) => ({ case: "subscribe", value: { topic: "a", window: n } })],
    [LIMITS.historyPage, (n) => ({ case: "history", value: { topic: "a", limit: n } })],
  ];
  for (const [limit, make] of cases) {
    expect(fault(make(limit))).toStartWith("accepted");
    expect(fault(make(limit + 1))).toMatch(/^[a-z]+\.[a-zA-Z.]+: /);
  }
});

test("W43 a frame with two commands is refused", () => {
  expect(protoCodec.decode(Uint8Array.of(4, 0x52, 0, 0x52, 0))).toMatchObject([
    { kind: "rejected", error: { message: "command: a frame has one command, this one has 2" } },
  ]);
  expect(protoCodec.decode(Uint8Array.of(2, 0x08, 1))).toMatchObject([
    { kind: "rejected", id: 1, error: { reason: "unknown_command" } },
  ]);
});

test("W44 empty is left out, but offset 0 of a subscription is a place", () => {
  expect(decode({ case: "connect", value: { token: "", since: { epoch: "e" } } as never })).toEqual([
    { kind: "connect", id: 1, token: undefined, since: { epoch: "e", offset: 0 }, client: undefined },
  ]);
  const reply = { kind: "subscribe", epoch: "e", offset: 0, recovered: false } as const;
  expect(protoCodec.decodeServer(protoCodec.reply(1, reply))).toEqual([{ kind: "reply", id: 1, reply }]);
});

test("W45 a payload is what its format says", () => {
  const bad = Uint8Array.of(0xff);
  expect(fault(publish({ format: 1, payload: utf8("{") }))).toBe("publish.payload: it is not JSON");
  expect(fault(publish({ format: 1 }))).toBe("publish.payload: it is not JSON");
  expect(fault(publish({ format: 1, payload: bad }))).toBe("publish.payload: it is not UTF-8");
  expect(fault(publish({ format: 2, payload: bad }))).toBe("publish.payload: it is not UTF-8");
  expect(fault(publish({ format: 7 }))).toBe(
    "publish.payload: no format has number 7; there are 0 binary, 1 JSON, 2 text",
  );
  const [binary] = decode(publish({ payload: bad }) as ClientFrame["command"]);
  expect([...(binary as PublishCommand).payload.bytes]).toEqual([0xff]);
});

test("W45 text keeps its byte order mark, and binary does not hold on to the frame", () => {
  const [marked] = decode(
    publish({ format: 2, payload: Uint8Array.of(0xef, 0xbb, 0xbf, 0x61) }) as ClientFrame["command"],
  );
  expect((marked as PublishCommand).payload.text).toBe("\ufeffa");
  const [binary] = decode(publish({ payload: Uint8Array.of(1, 2) }) as ClientFrame["command"]);
  expect((binary as PublishCommand).payload.bytes.buffer.byteLength).toBe(2);
});

test("W46 what a member tells of itself is a JSON object", () => {
  const subscribe = (info: string): unknown => ({ case: "subscribe", value: { topic: "a", presence: { info } } });
  expect(fault(subscribe("{"))).toBe("subscribe.presence: it is not JSON");
  expect(fault(subscribe("[]"))).toBe("subscribe.presence: it must be an object, not an array");
  expect(decode(subscribe('{"a":1}') as ClientFrame["command"])).toMatchObject([{ presence: { info: '{"a":1}' } }]);
  expect(decode(subscribe("") as ClientFrame["command"])).toMatchObject([{ presence: { info: undefined } }]);
});

test("W40 a header named __proto__ is refused and not lost", () => {
  // Publish { topic "a", headers { "__proto__": "x" } }; JavaScript objects cannot say it.
  const entry = [0x0a, 9, ...utf8("__proto__"), 0x12, 1, 0x78];
  const body = [0x0a, 1, 0x61, 0x32, entry.length, ...entry];
  const frame = [0x08, 1, 0x32, body.length, ...body];
  expect(protoCodec.decode(Uint8Array.from([frame.length, ...frame]))).toMatchObject([{ kind: "rejected", id: 1 }]);
});

test("W40 the tables have the numbers of tidegate.proto", () => {
  expect(ClientFrameSchema.fields.map(({ name, number }) => [name, number])).toEqual([
    ["id", 1],
    ["connect", 2],
    ["refresh", 3],
    ["subscribe", 4],
    ["unsubscribe", 5],
    ["publish", 6],
    ["ack", 7],
    ["history", 8],
    ["presence", 9],
    ["ping", 10],
  ]);
  expect(ServerFrameSchema.fields).toHaveLength(17);
});
