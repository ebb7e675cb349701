import { expect, test } from "bun:test";
import type { Socket } from "bun";
import { Payload, type Message, type Quality, type Stored } from "@tidegate/protocol";
import { encodeAck, MqttDecoder, type MqttPacket } from "@tidegate/protocol/mqtt";
import fc from "fast-check";
import { QosOneEncoder } from "../../src/transport/mqtt/encoders.ts";
import { TcpLink } from "../../src/transport/mqtt/tcp-link.ts";
import { TurnWriter } from "../../src/transport/mqtt/turn-writer.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** Takes `room` bytes of each write; keeps copies, as the kernel does. */
class Kernel {
  readonly writes: Uint8Array[] = [];
  room = Infinity;

  readonly socket = {
    write: (bytes: Uint8Array, from: number, length: number): number => {
      const taken = bytes.slice(from, from + Math.min(length, this.room));
      if (taken.length > 0) this.writes.push(taken);
      return taken.length;
    },
  } as unknown as Socket<unknown>;

  get bytes(): number[] {
    return this.writes.flatMap((write) => [...write]);
  }
}

const LIMIT = 1_000_000;

function turns(): { readonly writer: TurnWriter; end(): void } {
  const tasks: (() => void)[] = [];
  const clock = { now: () => 0, after: () => () => {}, endOfTurn: (task: () => void) => void tasks.push(task) };
  return { writer: new TurnWriter(clock, LIMIT), end: () => tasks.splice(0).forEach((task) => task()) };
}

/** Either a frame or the packet id of an acknowledgement. */
const piece = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 700 }), fc.integer({ min: 1, max: 0xffff }));

function hand(link: TcpLink, each: Uint8Array | number): number[] {
  if (typeof each === "number") link.sendAck("puback", each);
  else link.send(each);
  return [...(typeof each === "number" ? encodeAck("puback", each) : each)];
}

test("ML1 frames and acknowledgements of a turn are one write in their order", () => {
  fc.assert(
    fc.property(fc.array(fc.array(piece, { minLength: 1, maxLength: 12 }), { maxLength: 5 }), (rounds) => {
      const { writer, end } = turns();
      const [kernel, other] = [new Kernel(), new Kernel()];
      const links = [kernel, other].map(({ socket }) => new TcpLink(socket, writer));
      const expected = rounds.map((pieces) => {
        const bytes = pieces.flatMap((each) => links.map((link) => hand(link, each))[0] ?? []);
        expect(links[0]?.getBufferedAmount()).toBe(bytes.length);
        end();
        expect(links[0]?.getBufferedAmount()).toBe(0);
        return bytes;
      });
      for (const { writes } of [kernel, other]) expect(writes.map((write) => [...write])).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test("ML2 a shared frame goes out as it is, and stays as it is", () => {
  const { writer, end } = turns();
  const given: Uint8Array[] = [];
  const socket = { write: (bytes: Uint8Array) => (given.push(bytes), bytes.length) } as unknown as Socket<unknown>;
  const frame = Uint8Array.of(1, 2, 3);
  const links = [new TcpLink(socket, writer), new TcpLink(socket, writer)];
  for (const link of links) link.send(frame);
  end();
  expect(given).toHaveLength(2);
  for (const each of given) expect(each).toBe(frame);
  links[0]?.send(frame);
  links[0]?.sendAck("puback", 7);
  end();
  expect([...frame]).toEqual([1, 2, 3]);
});

test("ML3 what the kernel does not take follows in its order, whatever other connections write", () => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 2, maxLength: 20 }), fc.integer({ min: 0, max: 40 }), (pieces, room) => {
      const { writer, end } = turns();
      const [slow, quick] = [new Kernel(), new Kernel()];
      const link = new TcpLink(slow.socket, writer);
      const other = new TcpLink(quick.socket, writer);
      slow.room = room;
      const expected = pieces.flatMap((each, i) => {
        const bytes = hand(link, each);
        hand(other, 0xffff - i);
        hand(other, i + 1);
        if (i % 3 === 0) end();
        return bytes;
      });
      end();
      slow.room = Infinity;
      link.drained();
      expect(slow.bytes).toEqual(expected);
      expect(link.getBufferedAmount()).toBe(0);
    }),
    { numRuns: 50 },
  );
});

const NOW = 1_000_000;

function stored(offset: number, quality: Quality | undefined, headers?: Message["headers"]): Stored {
  const common = { id: undefined, from: undefined, time: NOW, priority: 1, retain: false, origin: "mqtt" } as const;
  const message = { ...common, topic: `t/${offset}`, payload: Payload.text(`m${offset}`), headers };
  return { message: quality === undefined ? message : { ...message, quality }, offset, previous: 0 };
}

function decoded(bytes: Uint8Array): readonly MqttPacket[] {
  const packets: MqttPacket[] = [];
  new MqttDecoder({ maxPacketSize: LIMIT, role: "client", version: 5 }).read(bytes, (packet) => packets.push(packet));
  return packets;
}

function encoder(): QosOneEncoder {
  return new QosOneEncoder(5, false, new FakeClock(NOW + 5000));
}

test("ML4 a batch at QoS 1 is encoded once, with a place for each packet id", () => {
  const messages = [stored(4, 1), stored(5, 0), stored(7, undefined)];
  const one = encoder();
  const run = one.run(messages);
  expect(one.run(messages)).toBe(run);
  expect(one.run([...messages])).not.toBe(run);
  expect(run.packets.map(({ offset, idAt }) => [offset, idAt > 0])).toEqual([
    [4, true],
    [5, false],
    [7, true],
  ]);
  const bytes = run.bytes.slice();
  for (const { offset, idAt } of run.packets) if (idAt > 0) bytes[idAt + 1] = offset;
  const seen = decoded(bytes).map((packet) => (packet.type === "publish" ? [packet.topic, packet.packetId] : packet));
  expect(seen).toEqual([
    ["t/4", 4],
    ["t/5", undefined],
    ["t/7", 7],
  ]);
});

test("ML5 what has expired is not in a batch at QoS 1", () => {
  const run = encoder().run([
    stored(4, 1, { "mqtt-message-expiry": "5" }),
    stored(5, 1, { "mqtt-message-expiry": "6" }),
  ]);
  expect(run.packets.map(({ offset }) => offset)).toEqual([5]);
  expect(encoder().run([stored(4, 1, { "mqtt-message-expiry": "5" })])).toEqual({
    bytes: new Uint8Array(0),
    packets: [],
  });
});
