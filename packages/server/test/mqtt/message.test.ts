import { beforeAll, describe, expect, test } from "bun:test";
import type { MqttProperties } from "@tidegate/protocol/mqtt";
import { systemClock } from "../../src/clock.ts";
import { JsonClient } from "../e2e/json-client.ts";
import { ShiftedClock } from "../support/shifted-clock.ts";
import { type MqttTestClient, textOf } from "./support/client.ts";
import { type MqttNode, startMqtt } from "./support/node.ts";

let node: MqttNode;
beforeAll(async () => {
  node = await startMqtt();
});

/** Messages that a WebSocket client gets. */
class Listener {
  readonly #messages: Record<string, unknown>[] = [];
  #wake = (): void => {};

  static async on(topic: string): Promise<Listener> {
    const listener = new Listener();
    const client = await JsonClient.connect(node.ws);
    client.onPush = (push) => {
      if (push["message"] !== undefined) listener.#messages.push(push["message"] as Record<string, unknown>);
      listener.#wake();
    };
    await client.ask({ subscribe: { topic } });
    return listener;
  }

  async next(): Promise<Record<string, unknown>> {
    while (this.#messages.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#messages.shift()!;
  }
}

async function post(body: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${node.http}/v1/publish`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect([response.status, response.ok ? "" : await response.text()]).toEqual([200, ""]);
}

async function reader(topic: string): Promise<MqttTestClient> {
  const client = await node.join();
  await client.subscribe(topic, { qos: 1 });
  return client;
}

const FULL: MqttProperties = {
  payloadFormatIndicator: 1,
  messageExpiryInterval: 100,
  contentType: "application/json",
  responseTopic: "answers/1",
  correlationData: Buffer.from([0, 1, 254, 255]),
  userProperties: [
    ["color", "red"],
    ["size", "ü"],
  ],
};

describe("from MQTT to MQTT", () => {
  test("M100 all properties of a PUBLISH are handed on as they are", async () => {
    const [to, from] = [await reader("p/all"), await node.join()];
    await from.deliver("p/all", "{}", { qos: 1, properties: FULL });
    expect((await to.receive()).properties).toEqual(FULL);
  });

  test("M100 user properties keep their order and come as often as they were given, whatever their names", async () => {
    const [to, from] = [await reader("p/user"), await node.join()];
    for (const userProperties of [
      [
        ["a", "1"],
        ["b", "2"],
        ["a", "3"],
        ["a", "1"],
      ],
      [
        ["content-type", "mine"],
        ["mqtt-client", "x"],
        ["__proto__", "y"],
        ["", "empty"],
      ],
      [
        ["2", "b"],
        ["1", "a"],
      ],
    ] as const) {
      await from.deliver("p/user", "x", { qos: 1, properties: { userProperties } });
      expect((await to.receive()).properties?.userProperties).toEqual(userProperties.map(([a, b]) => [a, b]));
    }
  });

  test("M100 properties are lost on the way to a 3.1.1 client only", async () => {
    const [to, from] = [await node.join({}, 4), await node.join()];
    await to.subscribe("p/old", { qos: 1 });
    await from.deliver("p/old", "text", { qos: 1, properties: FULL });
    expect(textOf(await to.receive())).toBe("text");
  });

  test("M101 a message says how long it still lives, and is not delivered after that", async () => {
    const clock = new ShiftedClock(systemClock);
    const own = await startMqtt({ clock });
    const [to, from] = [await own.join({ properties: { receiveMaximum: 1 } }), await own.join()];
    await to.subscribe("p/life", { qos: 1 });
    await from.deliver("p/life", "first", { qos: 1 });
    await from.deliver("p/life", "short", { qos: 1, properties: { messageExpiryInterval: 1 } });
    await from.deliver("p/life", "long", { qos: 1, retain: true, properties: { messageExpiryInterval: 100 } });
    await from.deliver("p/brief", "brief", { qos: 1, retain: true, properties: { messageExpiryInterval: 1 } });
    const { packetId } = await to.take("publish");
    await to.nothing();
    clock.shift = 1000;
    to.ack("puback", packetId!);
    const packet = await to.receive();
    expect(textOf(packet)).toBe("long");
    expect(packet.properties?.messageExpiryInterval).toBeWithin(97, 100);
    await to.subscribe("p/brief", { qos: 1 });
    await to.nothing();
  });

  test("M102 the user property priority is the message's priority", async () => {
    const [to, from] = [await Listener.on("p/prio"), await node.join()];
    for (const value of ["high", "low", "other"])
      await from.deliver("p/prio", value, { qos: 1, properties: { userProperties: [["priority", value]] } });
    expect([await to.next(), await to.next(), await to.next()].map(({ priority }) => priority)).toEqual([
      "high",
      "low",
      undefined,
    ]);
  });
});

describe("across protocols", () => {
  test("M103 JSON, text and bytes are the same payload for MQTT, WebSocket and HTTP", async () => {
    const [socket, mqtt, writer] = [await Listener.on("x/a"), await reader("x/a"), await node.join()];
    await writer.deliver("x/a", '{"text":"hi"}', { qos: 1 });
    expect((await socket.next())["data"]).toEqual({ text: "hi" });
    await writer.deliver("x/a", "plain words", { qos: 1 });
    expect((await socket.next())["text"]).toBe("plain words");
    await writer.deliver("x/a", Uint8Array.of(0xff, 0, 1), { qos: 1 });
    expect((await socket.next())["base64"]).toBe(Buffer.from([0xff, 0, 1]).toString("base64"));
    await writer.deliver("x/a", "", { qos: 1 });
    expect((await socket.next())["text"]).toBe("");
    await mqtt.texts(4);
    await post({ topic: "x/a", data: { n: 1 } });
    await post({ topic: "x/a", text: "words" });
    await post({ topic: "x/a", base64: "/wAB" });
    const payloads = [await mqtt.receive(), await mqtt.receive(), await mqtt.receive()].map(({ payload }) => payload);
    expect(payloads.map((payload) => Buffer.from(payload).toString("hex"))).toEqual([
      Buffer.from('{"n":1}').toString("hex"),
      Buffer.from("words").toString("hex"),
      "ff0001",
    ]);
  });

  test("M104 user properties are headers for others, and headers of others user properties", async () => {
    const [socket, mqtt, writer] = [await Listener.on("x/h"), await reader("x/h"), await node.join()];
    await writer.deliver("x/h", "{}", { qos: 1, properties: FULL });
    expect((await socket.next())["headers"]).toEqual({
      color: "red",
      size: "ü",
      "content-type": "application/json",
      "mqtt-response-topic": "answers/1",
      "mqtt-correlation-data": Buffer.from([0, 1, 254, 255]).toString("base64url"),
      "mqtt-message-expiry": "100",
      "mqtt-payload-format": "1",
    });
    await mqtt.receive();
    const headers = {
      traceparent: "00-1",
      "content-type": "a/b",
      "mqtt-response-topic": "r",
      "mqtt-message-expiry": "9",
    };
    await post({ topic: "x/h", data: 1, headers });
    expect((await mqtt.receive()).properties).toMatchObject({
      userProperties: [["traceparent", "00-1"]],
      contentType: "a/b",
      responseTopic: "r",
      messageExpiryInterval: 9,
    });
  });

  test("M105 headers that MQTT cannot say are left out, and hurt nobody", async () => {
    const [mqtt, old, zero] = [await reader("x/odd"), await node.join({}, 4), await node.join()];
    await old.subscribe("x/odd");
    await zero.subscribe("x/odd");
    const odd = [
      { "mqtt-message-expiry": "1e30" },
      { "mqtt-message-expiry": "soon" },
      { "mqtt-message-expiry": "" },
      { "mqtt-message-expiry": "4294967296" },
      { "mqtt-response-topic": "a/#" },
      { "mqtt-response-topic": "" },
      { "content-type": "a\u0000b", x: "\u0000" },
      { "mqtt-user-properties": "no JSON" },
      { "mqtt-user-properties": '[["a","\\ud800"]]' },
      { "mqtt-user-properties": "[[1,2]]" },
      { "mqtt-payload-format": "7" },
      { "mqtt-correlation-data": "§§§" },
    ];
    for (const headers of odd) await post({ topic: "x/odd", data: 1, headers });
    await post({ topic: "x/odd", text: "end" });
    for (const client of [mqtt, old, zero]) {
      const texts: string[] = [];
      while (texts.at(-1) !== "end") texts.push(textOf(await client.receive()));
      expect(texts.length).toBe(odd.length + 1);
    }
  });

  test("M106 request and response: over MQTT, and from HTTP", async () => {
    const [service, caller] = [await reader("rpc/ask"), await reader("rpc/answer/7")];
    const correlationData = Buffer.from("id-1");
    await caller.deliver("rpc/ask", "2+2", { qos: 1, properties: { responseTopic: "rpc/answer/7", correlationData } });
    const ask = await service.receive();
    const { responseTopic, correlationData: id } = ask.properties!;
    await service.deliver(responseTopic!, "4", { qos: 1, properties: { correlationData: id } });
    const answer = await caller.receive();
    expect([textOf(answer), Buffer.from(answer.properties!.correlationData!).toString()]).toEqual(["4", "id-1"]);
  });

  test("M107 a value that HTTP has set is retained for MQTT, and the other way round", async () => {
    await post({ topic: "x/kept", data: 7, retain: true });
    const mqtt = await reader("x/kept");
    expect(await mqtt.receive()).toMatchObject({ retain: true });
    const writer = await node.join();
    await writer.deliver("x/kept", "8", { qos: 1, retain: true });
    const client = await JsonClient.connect(node.ws);
    const pushed = Promise.withResolvers<unknown>();
    client.onPush = (push) => pushed.resolve((push["message"] as { data: unknown }).data);
    await client.ask({ subscribe: { topic: "x/kept", retained: true } });
    expect(await pushed.promise).toBe(8);
  });
});
