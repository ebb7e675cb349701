import { expect, test } from "bun:test";
import fc from "fast-check";
import { OPCODE, clientFrame } from "../src/websocket/frame.ts";
import { FrameReader } from "../src/websocket/frame-reader.ts";
import { readUpgradeAnswer, upgradeRequest } from "../src/websocket/handshake.ts";

function serverFrame(payload: Uint8Array, opcode: number = OPCODE.text): Uint8Array {
  const frame = clientFrame(opcode, payload);
  const head = frame.length - payload.length - 4;
  frame[1]! &= 0x7f;
  return Buffer.concat([frame.subarray(0, head), payload]);
}

function collector(): { readonly got: string[]; readonly controls: number[]; read: (chunk: Uint8Array) => void } {
  const got: string[] = [];
  const controls: number[] = [];
  const reader = new FrameReader();
  const handler = {
    message: (bytes: Uint8Array, start: number, end: number) =>
      void got.push(Buffer.from(bytes.subarray(start, end)).toString()),
    control: (opcode: number) => void controls.push(opcode),
  };
  return { got, controls, read: (chunk) => reader.read(chunk, handler) };
}

test("LG5 frames are the same however the stream is cut", () => {
  const texts = fc.array(fc.oneof(fc.string(), fc.constant("m".repeat(130)), fc.constant("l".repeat(70_000))), {
    maxLength: 6,
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 80_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(texts, cuts, (sent, sizes) => {
      const stream = Buffer.concat(sent.map((text) => serverFrame(Buffer.from(text))));
      const { got, read } = collector();
      let at = 0;
      for (let i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length]!;
        read(Uint8Array.from(stream.subarray(at, at + size)));
        at += size;
      }
      expect(got).toEqual(sent.map((text) => Buffer.from(text).toString()));
    }),
    { numRuns: 50 },
  );
});

test("LG5 a stream may be cut after every byte", () => {
  const stream = Buffer.concat([serverFrame(Buffer.from("a".repeat(200))), serverFrame(Buffer.from("b"), OPCODE.ping)]);
  const { got, controls, read } = collector();
  for (const byte of stream) read(Uint8Array.of(byte));
  expect(got).toEqual(["a".repeat(200)]);
  expect(controls).toEqual([OPCODE.ping]);
});

test("LG6 frames that no server here sends are refused", () => {
  const masked = clientFrame(OPCODE.text, Buffer.from("x"));
  const compressed = Uint8Array.of(0xc1, 0);
  const fragment = Uint8Array.of(0x01, 0);
  const huge = Uint8Array.of(0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0);
  expect(() => collector().read(masked)).toThrow("masked");
  expect(() => collector().read(compressed)).toThrow("compressed");
  expect(() => collector().read(fragment)).toThrow("fragmented");
  expect(() => collector().read(huge)).toThrow("announces");
});

test("LG7 lengths take the shortest form and the mask bit is set", () => {
  const head = (length: number) => [...clientFrame(OPCODE.text, new Uint8Array(length)).subarray(0, 4)];
  expect(head(125).slice(0, 2)).toEqual([0x81, 0x80 | 125]);
  expect(head(126)).toEqual([0x81, 0x80 | 126, 0, 126]);
  expect(head(65_535)).toEqual([0x81, 0x80 | 126, 255, 255]);
  const long = clientFrame(OPCODE.text, new Uint8Array(65_536));
  expect([...long.subarray(0, 10)]).toEqual([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]);
  expect(long.length).toBe(10 + 4 + 65_536);
});

const ANSWER = [
  "HTTP/1.1 101 Switching Protocols",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  "Sec-WebSocket-Protocol: tidegate.v1.json",
];

function answer(lines: readonly string[]): Uint8Array {
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

test("LG13 the right answer opens the WebSocket, also in pieces", () => {
  const bytes = answer(ANSWER);
  expect(readUpgradeAnswer(bytes, "tidegate.v1.json")).toBe(bytes.length);
  expect(readUpgradeAnswer(bytes.subarray(0, bytes.length - 1), "tidegate.v1.json")).toBeUndefined();
  expect(upgradeRequest({ host: "h:1", path: "/ws", subprotocol: "p" })).toContain("Sec-WebSocket-Protocol: p\r\n");
});

test("LG13 a wrong key, subprotocol or status is refused", () => {
  const wrongKey = ANSWER.map((line) => line.replace("s3pP", "xxxx"));
  const refused = ["HTTP/1.1 403 Forbidden", ...ANSWER.slice(1)];
  expect(() => readUpgradeAnswer(answer(wrongKey), "tidegate.v1.json")).toThrow("Accept");
  expect(() => readUpgradeAnswer(answer(ANSWER), undefined)).toThrow("subprotocol");
  expect(() => readUpgradeAnswer(answer(ANSWER.slice(0, 4)), "tidegate.v1.json")).toThrow("subprotocol");
  expect(() => readUpgradeAnswer(answer(refused), "tidegate.v1.json")).toThrow("403");
  expect(() => readUpgradeAnswer(new Uint8Array(9000).fill(65), undefined)).toThrow("no end");
});
