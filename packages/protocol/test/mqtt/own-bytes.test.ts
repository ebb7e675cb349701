import { expect, test } from "bun:test";
import { encodePacket, type MqttPacket } from "../../src/mqtt.ts";
import { decoder } from "./support.ts";

const SMALL = encodePacket(
  {
    type: "publish",
    topic: "t",
    payload: Buffer.from("payload"),
    qos: 0,
    retain: false,
    dup: false,
    packetId: undefined,
    properties: { correlationData: Buffer.from("data") },
  },
  5,
);

test("MW2 MW11 nothing that is short holds the chunk that it came in, whatever kind of array that is", () => {
  for (const chunkOf of [(bytes: Uint8Array) => Buffer.from(bytes), (bytes: Uint8Array) => new Uint8Array(bytes)]) {
    const packets: MqttPacket[] = [];
    const reader = decoder({ version: 5 });
    const chunk = chunkOf(Buffer.concat([SMALL, SMALL.subarray(0, 5)]));
    reader.read(chunk, (packet) => packets.push(packet));
    // As if the chunk's memory were used for something else.
    chunk.fill(0);
    reader.read(SMALL.subarray(5), (packet) => packets.push(packet));
    const read = packets.map((packet) => packet.type === "publish" && packet);
    expect(read).toHaveLength(2);
    for (const packet of read) {
      if (packet === false) throw new Error("a PUBLISH was sent");
      expect(Buffer.from(packet.payload).toString()).toBe("payload");
      expect(Buffer.from(packet.properties?.correlationData ?? []).toString()).toBe("data");
    }
  }
});
