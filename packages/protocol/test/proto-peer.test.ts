import { create, fromBinary, toBinary, type DescMessage } from "@bufbuild/protobuf";
import { sizeDelimitedDecodeStream } from "@bufbuild/protobuf/wire";
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Command, Push, Reply } from "../src/command.ts";
import type { Message as OurMessage, Stored } from "../src/message.ts";
import { Payload } from "../src/payload.ts";
import { protoCodec } from "../src/proto/codec.ts";
import { commandIds, commands, plain, pushes, replies } from "./arbitraries.ts";
import {
  ClientFrameSchema,
  ServerFrameSchema,
  type ClientFrame,
  type ServerFrame,
} from "./gen/tidegate/v1/tidegate_pb.ts";

const RUNS = { numRuns: 500 };
const encoder = new TextEncoder();

/** The peer's bytes of a frame, with the length before them. */
function peerBytes(
  schema: typeof ClientFrameSchema | typeof ServerFrameSchema,
  frame: ClientFrame | ServerFrame,
): Uint8Array {
  const body = toBinary(schema as DescMessage, frame);
  const length: number[] = [];
  for (let rest = body.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) return Uint8Array.from([...length, ...body]);
  }
}

const FORMAT = { binary: 0, json: 1, text: 2 } as const;
const PRIORITY = [1, 0, 2] as const;
const big = (value: number): bigint => BigInt(value);
const place = (position: { epoch: string; offset: number }): object => ({
  epoch: position.epoch,
  offset: big(position.offset),
});

function payloadInit(payload: Payload): object {
  return { format: FORMAT[payload.format], payload: payload.bytes };
}

/** What a client of the generated code would set for each command. */
function commandInit(command: Command): object {
  switch (command.kind) {
    case "publish":
      return { ...command, ...payloadInit(command.payload), priority: PRIORITY[command.priority] };
    case "connect":
    case "subscribe":
      return { ...command, since: command.since && place(command.since) };
    case "ack":
      return { ...command, offset: big(command.offset) };
    case "history":
      return { ...command, after: command.after && place(command.after), before: big(command.before ?? 0) };
    case "presence":
      return { topic: command.topic, count: command.countOnly };
    default:
      return command;
  }
}

/** protobuf-es takes undefined for "not set" only at the top: leave such fields out. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || value instanceof Payload)
    return value;
  const kept = Object.entries(value).filter(([key, item]) => item !== undefined && key !== "kind" && key !== "id");
  return Object.fromEntries(kept.map(([key, item]) => [key, tidy(item)]));
}

function messageInit({ message, offset, previous }: Stored): object {
  const { topic, from, time, headers, retain, payload } = message;
  const named = { topic, from, headers, retain, time: big(time), priority: PRIORITY[message.priority] };
  const rest = tidy({ ...named, ...payloadInit(payload), offset: big(offset), previous: big(previous) }) as object;
  return message.id === undefined ? rest : { ...rest, id: message.id };
}

function stateInit<T extends { offset: number | undefined }>(state: T): object {
  return { ...state, offset: state.offset === undefined ? undefined : big(state.offset) };
}

function replyInit(reply: Reply): object {
  switch (reply.kind) {
    case "connect":
      return { ...reply, expires: big(reply.expires ?? 0), personal: reply.personal && stateInit(reply.personal) };
    case "refresh":
      return { expires: big(reply.expires ?? 0) };
    case "subscribe":
      return stateInit(reply);
    case "publish":
      return { ...reply, offset: big(reply.offset) };
    case "presence":
      return { count: reply.count, members: reply.members && { members: reply.members } };
    case "error":
      return reply.error;
    default:
      return reply;
  }
}

function replyValue(reply: Reply): unknown {
  const value = tidy(replyInit(reply)) as object;
  return reply.kind === "history" ? { ...value, messages: reply.messages.map(messageInit) } : value;
}

function pushValue(push: Push): unknown {
  if (push.kind === "message") {
    const { filter, redelivered } = push;
    return { ...messageInit(push.stored), ...(filter === undefined ? {} : { filter }), redelivered };
  }
  return tidy(push.kind === "gap" ? { ...push, after: big(push.after), to: big(push.to) } : push);
}

function serverFrame(id: number | undefined, kind: string, value: unknown): ServerFrame {
  return create(ServerFrameSchema, { id: id ?? 0, frame: { case: kind, value } as never });
}

function clientFrame(command: Command): ClientFrame {
  const value = tidy(commandInit(command));
  return create(ClientFrameSchema, { id: command.id ?? 0, command: { case: command.kind, value } as never });
}

test("W40 what the generated code writes for a command is read as that command", () => {
  fc.assert(
    fc.property(commands, (command) => {
      const bytes = peerBytes(ClientFrameSchema, clientFrame(command));
      expect(plain(protoCodec.decode(bytes))).toEqual([plain(command)]);
    }),
    RUNS,
  );
});

test("W40 the generated code reads a command as it was written", () => {
  fc.assert(
    fc.property(commands, (command) => {
      expect(unframed(ClientFrameSchema, protoCodec.encodeCommand(command))).toEqual(clientFrame(command));
    }),
    RUNS,
  );
});

test("W40 the generated code reads every reply as it was written", () => {
  fc.assert(
    fc.property(commandIds, replies, (id, reply) => {
      expect(unframed(ServerFrameSchema, protoCodec.reply(id, reply))).toEqual(
        serverFrame(id, reply.kind, replyValue(reply)),
      );
    }),
    RUNS,
  );
});

test("W40 the generated code reads every push as it was written", () => {
  fc.assert(
    fc.property(pushes, (push) => {
      expect(unframed(ServerFrameSchema, protoCodec.push(push))).toEqual(
        serverFrame(undefined, push.kind, pushValue(push)),
      );
    }),
    RUNS,
  );
});

test("W41 the generated code's delimited reader splits a frame", async () => {
  const list: readonly Command[] = [
    { kind: "ping", id: 1 },
    { kind: "unsubscribe", id: 2, topic: "a/b" },
    { kind: "ack", id: 300, topic: "ä".repeat(100), offset: 2 ** 40 },
  ];
  const frame = protoCodec.join(list.map((command) => protoCodec.encodeCommand(command)));
  const read: number[] = [];
  for await (const item of sizeDelimitedDecodeStream(ClientFrameSchema, chunks(frame))) read.push(item.id);
  expect(read).toEqual([1, 2, 300]);
});

// oxlint-disable-next-line require-await
async function* chunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function unframed<T extends typeof ClientFrameSchema | typeof ServerFrameSchema>(
  schema: T,
  frame: Uint8Array,
): unknown {
  let at = 0;
  while (frame[at]! > 127) at++;
  return fromBinary(schema as DescMessage, frame.subarray(at + 1));
}

/** Everything above stands on this: two messages with the same fields are equal, whatever wrote them. */
test("W42 fields that nobody knows are skipped", () => {
  const message: OurMessage["topic"] = "a";
  const publish = create(ClientFrameSchema, {
    id: 5,
    command: { case: "publish", value: { topic: message, payload: encoder.encode("x") } },
  });
  const bytes = toBinary(ClientFrameSchema, publish);
  // Field 99 as varint, 8 bytes, length-delimited, group, and 4 bytes.
  const unknown = [
    0x98, 6, 1, 0x99, 6, 1, 2, 3, 4, 5, 6, 7, 8, 0x9a, 6, 2, 1, 2, 0x9b, 6, 8, 1, 0x9c, 6, 0x9d, 6, 1, 2, 3, 4,
  ];
  const frame = Uint8Array.from([bytes.length + unknown.length, ...unknown, ...bytes]);
  expect(protoCodec.decode(frame)).toMatchObject([{ kind: "publish", id: 5, topic: "a" }]);
});
