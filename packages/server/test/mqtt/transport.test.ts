import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { encodePacket } from "@tidegate/protocol/mqtt";
import { Certificates, type Pair } from "../gateway/certificates.ts";
import { connectPacket, MqttTestClient, tcp, textOf, webSocket } from "./support/client.ts";
import { type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";

describe("over WebSocket", () => {
  let node: MqttNode;
  beforeAll(async () => {
    node = await startMqtt();
  });
  const at = (path: string): string => `ws://127.0.0.1:${node.port}${path}`;

  for (const path of ["/ws", "/mqtt"])
    for (const version of VERSIONS)
      test(`M120 version ${version}: ${path} speaks MQTT with the subprotocol mqtt`, async () => {
        const client = await MqttTestClient.open(webSocket(at(path)), version);
        await client.connect();
        const topic = `web${path}/${version}`;
        await client.subscribe(topic, { qos: 2 });
        const writer = await node.join();
        for (const qos of [0, 1, 2] as const) await writer.deliver(topic, String(qos), { qos });
        expect(await client.texts(3)).toEqual(["0", "1", "2"]);
        client.disconnect();
        await client.end();
      });

  test("M120 /mqtt speaks nothing else", async () => {
    expect(await MqttTestClient.open(webSocket(at("/mqtt"), ["tidegate.v1.json"])).catch(String)).toContain(
      "no WebSocket",
    );
  });

  test("M121 packets may be split and joined over messages in any way", async () => {
    const client = await MqttTestClient.open(webSocket(at("/mqtt")));
    const bytes = Buffer.concat([
      encodePacket(connectPacket(5, { clientId: "pieces" }), 5),
      encodePacket({ type: "pingreq" }, 5),
      encodePacket({ type: "pingreq" }, 5),
    ]);
    for (const byte of bytes) client.bytes(Uint8Array.of(byte));
    for (const type of ["connack", "pingresp", "pingresp"] as const) await client.take(type);
    const joined = await MqttTestClient.open(webSocket(at("/mqtt")));
    joined.bytes(bytes);
    for (const type of ["connack", "pingresp", "pingresp"] as const) await joined.take(type);
  });

  test("M122 a text message ends the connection with 0x82", async () => {
    const client = await MqttTestClient.open(webSocket(at("/mqtt")));
    await client.connect();
    (client.wire as unknown as { readonly socket: WebSocket }).socket.send("text");
    expect(await client.farewell()).toBe(0x82);
  });
});

describe("over TLS", () => {
  let certificates: Certificates;
  let server: Pair;
  let own: Pair;
  let stranger: Pair;
  const read = (path: string): Promise<string> => Bun.file(path).text();

  beforeAll(async () => {
    certificates = await Certificates.make();
    server = await certificates.issue("server");
    own = await certificates.issue("client");
    stranger = await certificates.issue("stranger", { selfSigned: true });
  });
  afterAll(async () => certificates[Symbol.asyncDispose]());

  const secure = (more: Readonly<Record<string, string>> = {}): Promise<MqttNode> =>
    startMqtt({ env: { MQTT_TLS_PORT: "0", MQTT_TLS_CERT: server.cert, MQTT_TLS_KEY: server.key, ...more } });

  test("M123 the port for TLS takes MQTT over TLS, beside the plain one", async () => {
    const node = await secure();
    const client = await MqttTestClient.open(tcp(node.gateway.mqttPorts.secure!, { ca: await read(certificates.ca) }));
    expect((await client.connect()).code).toBe(0);
    await client.subscribe("tls", { qos: 1 });
    const writer = await node.join();
    client.wire.pause();
    for (let i = 0; i < 100; i++) await writer.deliver("tls", Buffer.alloc(60_000, "x"), { qos: 1 });
    client.wire.resume();
    for (let i = 0; i < 100; i++) expect(textOf(await client.receive()).length).toBe(60_000);
    const plain = await MqttTestClient.open(tcp(node.gateway.mqttPorts.secure!));
    plain.sendConnect();
    await plain.end();
  });

  test("M124 with an authority for clients only who has its certificate comes in", async () => {
    const node = await secure({ MQTT_TLS_CA: certificates.ca });
    const ca = await read(certificates.ca);
    const outcome = async (pair: Pair | undefined): Promise<string> => {
      const keys = pair === undefined ? {} : { cert: await read(pair.cert), key: await read(pair.key) };
      try {
        const client = await MqttTestClient.open(tcp(node.gateway.mqttPorts.secure!, { ca, ...keys }));
        return `in, ${(await client.connect()).code}`;
      } catch {
        return "out";
      }
    };
    expect(await outcome(own)).toBe("in, 0");
    expect(await outcome(undefined)).toBe("out");
    expect(await outcome(stranger)).toBe("out");
  });
});
