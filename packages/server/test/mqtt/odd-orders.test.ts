import { expect, test } from "bun:test";
import { durable, startMqtt, VERSIONS } from "./support/node.ts";

for (const version of VERSIONS)
  test(`M22 version ${version}: a PUBLISH of QoS 2 that comes again before the first one is stored does not take its place`, async () => {
    const node = await startMqtt();
    const reader = await node.join();
    await reader.subscribe("again", { qos: 1 });
    const writer = await node.join(durable("writer", version), version);
    writer.publish("again", "first", { qos: 2, packetId: 7 });
    writer.publish("again", "second", { qos: 2, packetId: 7, dup: true });
    writer.publish("again", "other", { qos: 2, packetId: 8 });
    for (const packetId of [7, 8]) {
      expect((await writer.pick("pubrec", packetId)).code).toBe(0);
      writer.ack("pubrel", packetId);
      expect((await writer.pick("pubcomp", packetId)).code).toBe(0);
    }
    expect(await reader.texts(2)).toEqual(["first", "other"]);
    await reader.nothing();
  });
