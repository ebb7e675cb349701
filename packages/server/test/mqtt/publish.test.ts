import { beforeAll, describe, expect, test } from "bun:test";
import { textOf } from "./support/client.ts";
import { durable, type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";
import { SECRET, tokenOf } from "../support/gateway.ts";

let node: MqttNode;
beforeAll(async () => {
  node = await startMqtt();
});

describe("quality of service", () => {
  for (const version of VERSIONS)
    for (const published of [0, 1, 2] as const)
      for (const asked of [0, 1, 2] as const)
        test(`M20 M21 version ${version}: published at QoS ${published}, asked for at ${asked}: the lower one`, async () => {
          const topic = `q/${version}/${published}/${asked}`;
          const [reader, writer] = [await node.join({}, version), await node.join({}, version)];
          expect((await reader.subscribe(topic, { qos: asked })).codes).toEqual([asked]);
          await writer.deliver(topic, "hello", { qos: published });
          const packet = await reader.receive();
          expect(packet).toMatchObject({ topic, qos: Math.min(published, asked), dup: false, retain: false });
          expect(textOf(packet)).toBe("hello");
          await reader.nothing();
          await writer.nothing();
        });

  test("M20 a publisher hears of its message only when it is stored", async () => {
    const writer = await node.join();
    const { log } = node.gateway.services.streamOf("stored");
    const append = log.append.bind(log);
    const [asked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    log.append = async (messages) => (asked.resolve(), await gate.promise, append(messages));
    writer.publish("stored/a", "1", { qos: 1 });
    writer.publish("stored/a", "2", { qos: 2 });
    await asked.promise;
    await writer.nothing();
    gate.resolve();
    await writer.take("puback");
    await writer.take("pubrec");
    log.append = append;
  });

  test("M22 a message of QoS 2 that comes again before its PUBREL is acknowledged and not delivered again", async () => {
    for (const version of VERSIONS) {
      const topic = `twice/${version}`;
      const [reader, writer] = [await node.join({}, version), await node.join({}, version)];
      await reader.subscribe(topic, { qos: 2 });
      for (const dup of [false, true, true]) {
        writer.publish(topic, "once", { qos: 2, packetId: 7, dup });
        expect((await writer.take("pubrec")).packetId).toBe(7);
      }
      writer.ack("pubrel", 7);
      await writer.take("pubcomp");
      expect(await reader.texts(1)).toEqual(["once"]);
      await writer.deliver(topic, "next", { qos: 2, packetId: 7 });
      expect(await reader.texts(1)).toEqual(["next"]);
    }
  });

  test("M22 what is sent again with other words under the same packet id is the first message", async () => {
    const [reader, writer] = [await node.join(), await node.join()];
    await reader.subscribe("words", { qos: 2 });
    writer.publish("words", "first", { qos: 2, packetId: 9 });
    writer.publish("words", "second", { qos: 2, packetId: 9, dup: true });
    await writer.take("pubrec");
    await writer.take("pubrec");
    writer.ack("pubrel", 9);
    await writer.take("pubcomp");
    expect(await reader.texts(1)).toEqual(["first"]);
    await reader.nothing();
  });

  test("M23 PUBREL of an unknown packet id is answered with 0x92, and by a plain PUBCOMP in 3.1.1", async () => {
    for (const version of VERSIONS) {
      const client = await node.join({}, version);
      client.ack("pubrel", 5);
      expect(await client.take("pubcomp")).toMatchObject({ packetId: 5, code: version === 5 ? 0x92 : 0 });
    }
  });

  test("M23 PUBREC of an unknown packet id is answered with PUBREL and 0x92; other answers to nothing are passed over", async () => {
    const client = await node.join();
    client.ack("pubrec", 5);
    expect(await client.take("pubrel")).toMatchObject({ packetId: 5, code: 0x92 });
    client.ack("pubrec", 5, 0x80);
    client.ack("puback", 5);
    client.ack("pubcomp", 5);
    await client.nothing();
  });

  test("M24 a PUBREC with an error ends the delivery: the packet id is free", async () => {
    const [reader, writer] = [await node.join({ properties: { receiveMaximum: 1 } }), await node.join()];
    await reader.subscribe("err", { qos: 2 });
    await writer.deliver("err", "1", { qos: 1 });
    await writer.deliver("err", "2", { qos: 2 });
    reader.ack("puback", (await reader.take("publish")).packetId!);
    reader.ack("pubrec", (await reader.take("publish")).packetId!, 0x97);
    await writer.deliver("err", "3", { qos: 2 });
    expect(await reader.texts(1)).toEqual(["3"]);
  });

  test("M25 messages of one topic come in the order in which they were published, whatever their QoS", async () => {
    const [reader, writer] = [await node.join({}, 4), await node.join({}, 4)];
    await reader.subscribe("order/#", { qos: 1 });
    for (let i = 0; i < 300; i++) writer.publish("order/a", String(i), { qos: (i % 2) as 0 | 1 });
    expect(await reader.texts(300)).toEqual(Array.from({ length: 300 }, (_, i) => String(i)));
  });
});

describe("bounds", () => {
  test("M26 no more than the client's receive maximum is under way to it, and it gets all", async () => {
    const [reader, writer] = [await node.join({ properties: { receiveMaximum: 3 } }), await node.join()];
    await reader.subscribe(["w/a", "w/b"], { qos: 1 });
    for (let i = 0; i < 10; i++) await writer.deliver(i % 2 === 0 ? "w/a" : "w/b", String(i), { qos: 1 });
    const first = [await reader.take("publish"), await reader.take("publish"), await reader.take("publish")];
    await reader.nothing();
    const texts = first.map(textOf);
    for (const { packetId } of first) reader.ack("puback", packetId!);
    texts.push(...(await reader.texts(7)));
    expect(texts.toSorted()).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
    await reader.nothing();
  });

  test("M26 at QoS 2 a message is under way until PUBCOMP, and QoS 0 does not count", async () => {
    const [reader, writer] = [await node.join({ properties: { receiveMaximum: 1 } }), await node.join()];
    await reader.subscribe("two", { qos: 2 });
    await reader.subscribe("zero");
    await writer.deliver("two", "a", { qos: 2 });
    await writer.deliver("two", "b", { qos: 2 });
    const { packetId } = await reader.take("publish");
    reader.ack("pubrec", packetId!);
    await reader.take("pubrel");
    await writer.deliver("zero", "c");
    expect(textOf(await reader.take("publish"))).toBe("c");
    await reader.nothing();
    reader.ack("pubcomp", packetId!);
    expect(await reader.texts(1)).toEqual(["b"]);
  });

  test("M27 a 5.0 client that sends more than the server's receive maximum is ended with 0x93", async () => {
    const small = await startMqtt({ env: { MQTT_MAX_INFLIGHT: "2" } });
    const client = await small.open();
    expect((await client.connect()).properties?.receiveMaximum).toBe(2);
    for (let i = 1; i <= 3; i++) {
      client.publish("many", "x", { qos: 2, packetId: i });
      if (i < 3) await client.take("pubrec");
    }
    expect(await client.farewell()).toBe(0x93);
    const allowed = await small.join();
    for (let i = 1; i <= 2; i++) await (allowed.publish("many", "x", { qos: 2, packetId: i }), allowed.take("pubrec"));
    allowed.publish("many", "x", { qos: 2, packetId: 2, dup: true });
    await allowed.take("pubrec");
    allowed.ack("pubrel", 1);
    await allowed.take("pubcomp");
    allowed.publish("many", "x", { qos: 2, packetId: 3 });
    await allowed.take("pubrec");
  });

  test("M28 a packet above the server's maximum ends the connection with 0x95", async () => {
    const small = await startMqtt({ env: { MQTT_MAX_PACKET: "1KB" } });
    const client = await small.open();
    expect((await client.connect()).properties?.maximumPacketSize).toBe(1024);
    client.publish("a", Buffer.alloc(1100));
    expect(await client.farewell()).toBe(0x95);
  });

  test("M28 a client is sent no packet above its own maximum; what is too large is passed over", async () => {
    const [reader, writer] = [await node.join({ properties: { maximumPacketSize: 60 } }), await node.join()];
    await reader.subscribe("size/+", { qos: 1 });
    for (const size of [100, 40, 60, 30]) await writer.deliver("size/a", "x".repeat(size), { qos: 1 });
    expect((await reader.texts(2)).map(({ length }) => length)).toEqual([40, 30]);
    await reader.nothing();
  });

  test("M28 a topic alias never makes a packet larger than the client takes", async () => {
    const properties = { maximumPacketSize: 60, topicAliasMaximum: 5 };
    const [reader, writer] = [await node.join({ properties }), await node.join()];
    await reader.subscribe("size/b");
    const largest = 60 - 2 - 2 - "size/b".length - 1;
    await writer.deliver("size/b", "x".repeat(largest));
    await writer.deliver("size/b", "y".repeat(largest));
    await writer.deliver("size/b", "z");
    await writer.deliver("size/b", "z");
    const packets = [];
    for (let i = 0; i < 4; i++) packets.push(await reader.take("publish"));
    expect(packets.map(({ topic, properties: p }) => [topic, p?.topicAlias])).toEqual([
      ["size/b", undefined],
      ["size/b", undefined],
      ["size/b", 1],
      ["", 1],
    ]);
  });
});

describe("topic aliases", () => {
  test("M29 a client's alias stands for its topic until it is set anew", async () => {
    const [reader, writer] = [await node.join(), await node.join()];
    await reader.subscribe("al/#");
    writer.publish("al/a", "1", { properties: { topicAlias: 1 } });
    writer.publish("", "2", { properties: { topicAlias: 1 } });
    writer.publish("al/b", "3", { properties: { topicAlias: 1 } });
    writer.publish("", "4", { properties: { topicAlias: 1 } });
    const topics = [];
    for (let i = 0; i < 4; i++) topics.push((await reader.take("publish")).topic);
    expect(topics).toEqual(["al/a", "al/a", "al/b", "al/b"]);
  });

  test("M29 one that was never set is 0x82, one above the maximum and 0 are 0x94", async () => {
    for (const [topicAlias, code] of [
      [3, 0x82],
      [33, 0x94],
      [0, 0x94],
    ] as const) {
      const client = await node.join();
      client.publish("", "x", { properties: { topicAlias } });
      expect([topicAlias, await client.farewell()]).toEqual([topicAlias, code]);
    }
  });

  test("M30 a client is given aliases up to its maximum, at every QoS and in the order of the packets", async () => {
    const wishes = { clientId: "aliased", cleanStart: false };
    const properties = { topicAliasMaximum: 1, sessionExpiryInterval: 60 };
    const [reader, writer] = [await node.join({ ...wishes, properties }), await node.join()];
    await reader.subscribe("given/#", { qos: 2 });
    for (const qos of [2, 1, 0] as const) await writer.deliver("given/a", String(qos), { qos });
    await writer.deliver("given/b", "b");
    const known = new Map<number, string>();
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      const { topic, properties: p } = await reader.receive();
      const alias = p?.topicAlias;
      if (alias !== undefined && topic !== "") known.set(alias, topic);
      seen.push(topic === "" ? `=${known.get(alias!)}` : topic);
    }
    expect(seen.toSorted()).toEqual(["=given/a", "=given/a", "given/a", "given/b"]);
    expect(seen.indexOf("given/a")).toBeLessThan(seen.indexOf("=given/a"));
    expect([...known.keys()]).toEqual([1]);
  });
});

describe("refused", () => {
  let guarded: MqttNode;
  let password: string;
  beforeAll(async () => {
    guarded = await startMqtt({ env: { AUTH_REQUIRED: "true", AUTH_JWT_SECRET: SECRET } });
    password = await tokenOf("ann", { publish: ["news/#"], subscribe: ["#"] });
  });

  test("M31 a 5.0 client is told the reason in PUBACK and PUBREC, and the connection goes on", async () => {
    const client = await guarded.join({ password });
    client.publish("other/a", "x", { qos: 1 });
    const puback = await client.take("puback");
    expect(puback.code).toBe(0x87);
    expect(puback.properties?.reasonString).toContain("other/a");
    const packetId = client.publish("other/a", "x", { qos: 2 });
    expect(await client.take("pubrec")).toMatchObject({ packetId, code: 0x87 });
    await client.deliver("news/a", "x", { qos: 2, packetId });
    client.publish("other/a", "x");
    await client.nothing();
  });

  test("M31 who asks for no problem information gets no reason strings but in CONNACK and DISCONNECT", async () => {
    const client = await guarded.join({ password, properties: { requestProblemInformation: false } });
    client.publish("other/a", "x", { qos: 1 });
    expect(await client.take("puback")).toMatchObject({ code: 0x87, properties: undefined });
  });

  test("M31 a reason string quotes no more than fits, however long the topic was", async () => {
    const client = await guarded.join({ password });
    client.publish(`news/${"x".repeat(65_000)}`, "x", { qos: 1 });
    const { code, properties } = await client.take("puback");
    expect(code).toBe(0x90);
    expect(properties?.reasonString?.length).toBeLessThan(400);
  });

  test("M32 a 3.1.1 client is not told that what was refused was stored: its connection ends", async () => {
    const client = await guarded.join({ password }, 4);
    client.publish("other/a", "x", { qos: 1 });
    await client.end();
  });

  test("M33 a refused message of QoS 2 leaves nothing behind in a durable session", async () => {
    const client = await guarded.join({ ...durable("left", 5), password });
    client.publish("other/a", "x", { qos: 2, packetId: 3 });
    expect((await client.take("pubrec")).code).toBe(0x87);
    client.disconnect();
    await client.end();
    const { store } = guarded.context;
    await guarded.context.roster.settled();
    expect((await store.load("ann\nleft"))?.flights).toEqual([]);
  });
});
