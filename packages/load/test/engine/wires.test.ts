import { expect, test } from "bun:test";
import fc from "fast-check";
import { type ResponseHandler, ResponseReader } from "../../src/http/response-reader.ts";
import { PacketReader } from "../../src/dialect/mqtt/packet-reader.ts";
import { bodyOf, connectPacket, endOf, publishHead, readUint16, subscribePacket } from "../../src/mqtt/packets.ts";

function collect(): ResponseHandler & { readonly seen: string[] } {
  const seen: string[] = [];
  let body = "";
  return {
    seen,
    head: (status) => void seen.push(`head ${status}`),
    body: (bytes, start, end) => {
      body += Buffer.from(bytes.subarray(start, end)).toString();
    },
    done: () => {
      seen.push(body);
      body = "";
    },
  };
}

/** Gives a stream in pieces, as a member does: what was not taken comes again with the next piece. */
function feed(stream: Buffer, sizes: readonly number[], read: (bytes: Uint8Array) => number): void {
  let rest = Buffer.alloc(0);
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length]!;
    const bytes = Buffer.concat([rest, stream.subarray(at, at + size)]);
    rest = bytes.subarray(read(bytes));
    at += size;
  }
}

test("LG34 responses of HTTP are the same however the stream is cut", () => {
  const responses = fc.array(fc.tuple(fc.boolean(), fc.array(fc.string({ minLength: 1 }), { maxLength: 4 })), {
    maxLength: 5,
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(responses, cuts, (sent, sizes) => {
      const stream = Buffer.concat(sent.map(([chunked, parts]) => response(chunked, parts)));
      const reader = new ResponseReader();
      const handler = collect();
      feed(stream, sizes, (bytes) => reader.read(bytes, handler));
      expect(handler.seen).toEqual(sent.flatMap(([, parts]) => ["head 200", parts.join("")]));
    }),
  );
});

function response(chunked: boolean, parts: readonly string[]): Buffer {
  const body = parts.join("");
  if (!chunked) return Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  const chunks = parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`);
  return Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join("")}0\r\nx: y\r\n\r\n`);
}

test("LG34 an interim response is passed over, one without a body is done, and what is no HTTP is refused", () => {
  const handler = collect();
  const reader = new ResponseReader();
  reader.read(Buffer.from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"), handler);
  expect(handler.seen).toEqual(["head 204", ""]);
  expect(() => new ResponseReader().read(Buffer.from("SSH-2.0\r\n\r\n"), collect())).toThrow("no HTTP");
  expect(() => new ResponseReader().read(Buffer.from(`HTTP/1.1 200 OK\r\n${"x".repeat(20_000)}`), collect())).toThrow(
    "no end",
  );
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect(() => new ResponseReader().read(Buffer.from(`${chunked}zz\r\n`), collect())).toThrow("no size");
});

test("LG35 packets of MQTT have the bytes of the standard", () => {
  const login = { clientId: "a", user: undefined, password: undefined, keepAlive: 258 };
  // [MQTT 3.1.1, 3.1] protocol name, level 4, clean session, keep-alive, client id.
  expect([...connectPacket(login)]).toEqual([0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 1, 2, 0, 1, 97]);
  expect(connectPacket({ ...login, password: "p" })[9]).toBe(0xc2);
  expect([...subscribePacket(5, "t", 1)]).toEqual([0x82, 6, 0, 5, 0, 1, 116, 1]);
  expect([...publishHead("t", 1, 7, 3)]).toEqual([0x32, 8, 0, 1, 116, 0, 7]);
  expect([...publishHead("t", 0, 7, 200)]).toEqual([0x30, 203, 1, 0, 1, 116]);
});

test("LG35 packets are found however long they are, and a length of five bytes is refused", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300_000 }), fc.string({ minLength: 1 }), (size, topic) => {
      const head = publishHead(topic, 1, 9, size);
      const bytes = Buffer.concat([head, Buffer.alloc(size), Buffer.of(0xd0, 0)]);
      const body = bodyOf(bytes, 0);
      const end = endOf(bytes, 0, body);
      expect(end).toBe(head.length + size);
      expect(readUint16(bytes, body)).toBe(Buffer.byteLength(topic));
      const cut = bytes.subarray(0, end - 1);
      expect(endOf(cut, 0, bodyOf(cut, 0))).toBeGreaterThan(cut.length);
    }),
  );
  expect(() => bodyOf(Buffer.of(0x30, 128, 128, 128, 128, 1), 0)).toThrow("more than four bytes");
});

test("LG5 LG35 packets are the same however the stream is cut", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 6 });
  const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(sizes, cuts, (payloads, pieces) => {
      const packets = payloads.map((size) =>
        Buffer.concat([publishHead("t", 1, size, size), Buffer.alloc(size, size)]),
      );
      const stream = Buffer.concat(packets);
      const reader = new PacketReader();
      const found: Buffer[] = [];
      for (let at = 0, i = 0; at < stream.length; at += pieces[i++ % pieces.length]!) {
        const piece = stream.subarray(at, at + pieces[i % pieces.length]!);
        reader.read(piece, (bytes, start, end) => found.push(Buffer.from(bytes.slice(start, end))));
      }
      expect(found).toEqual(packets);
    }),
  );
});
