import { afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect, connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";
import { hasPaho, Mosquitto, runPaho } from "./support/programs.ts";

let node: MqttNode;
beforeAll(async () => {
  node = await startMqtt();
});

describe("MQTT.js", () => {
  const clients: MqttClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  });

  const urls = { TCP: () => `mqtt://127.0.0.1:${node.mqtt}`, WebSocket: () => `ws://127.0.0.1:${node.port}/mqtt` };

  const common = (version: 4 | 5): IClientOptions => ({ protocolVersion: version, reconnectPeriod: 0 });

  interface Received {
    readonly topic: string;
    readonly text: string;
    readonly packet: IPublishPacket;
  }

  /** What a client was sent, to be taken one after another. */
  class Inbox {
    readonly #came: Received[] = [];
    #wake = (): void => {};

    constructor(client: MqttClient) {
      client.on("message", (topic, payload, packet) => {
        this.#came.push({ topic, text: payload.toString(), packet });
        this.#wake();
      });
    }

    async next(): Promise<Received> {
      while (this.#came.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      return this.#came.shift()!;
    }

    async texts(count: number): Promise<readonly string[]> {
      const texts: string[] = [];
      while (texts.length < count) texts.push((await this.next()).text);
      return texts;
    }
  }

  for (const wire of ["TCP", "WebSocket"] as const)
    for (const version of VERSIONS) {
      const open = async (options: Partial<IClientOptions> = {}): Promise<MqttClient> => {
        const client = await connectAsync(urls[wire](), { ...common(version), ...options });
        clients.push(client);
        return client;
      };
      const name = `version ${version} over ${wire}`;

      test(`M130 ${name}: every QoS, both ways`, async () => {
        const [reader, writer] = [await open(), await open()];
        const inbox = new Inbox(reader);
        for (const qos of [0, 1, 2] as const) {
          const topic = `js/${wire}/${version}/${qos}`;
          expect((await reader.subscribeAsync(topic, { qos }))[0]!.qos).toBe(qos);
          for (let i = 0; i < 50; i++) void writer.publishAsync(topic, String(i), { qos });
          expect(await inbox.texts(50)).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
        }
        await reader.unsubscribeAsync(`js/${wire}/${version}/0`);
      });

      test(`M130 ${name}: retained values and wills`, async () => {
        const topic = `js/kept/${wire}/${version}`;
        const [reader, writer] = [
          await open(),
          await open({ will: { topic, payload: Buffer.from("gone"), qos: 1, retain: true } }),
        ];
        await writer.publishAsync(topic, "kept", { qos: 1, retain: true });
        const inbox = new Inbox(reader);
        await reader.subscribeAsync(topic, { qos: 1 });
        expect(await inbox.next()).toMatchObject({ text: "kept", packet: { retain: true } });
        writer.stream.destroy();
        expect((await inbox.next()).text).toBe("gone");
      });

      test(`M130 ${name}: a session that waits, and shared subscriptions`, async () => {
        const topic = `js/session/${wire}/${version}`;
        const kept: Partial<IClientOptions> = {
          clientId: `js-${wire}-${version}`,
          clean: false,
          ...(version === 5 ? { properties: { sessionExpiryInterval: 60 } } : {}),
        };
        const first = await open(kept);
        await first.subscribeAsync(topic, { qos: 2 });
        await first.endAsync();
        const writer = await open();
        for (let i = 0; i < 20; i++) await writer.publishAsync(topic, String(i), { qos: 2 });
        // It subscribes to nothing: everything comes from the session.
        const again = connect(urls[wire](), { ...common(version), ...kept, manualConnect: true });
        clients.push(again);
        const inbox = new Inbox(again);
        again.connect();
        expect(await inbox.texts(20)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
        const members = [await open(), await open()];
        const boxes = members.map((member) => new Inbox(member));
        for (const member of members) await member.subscribeAsync(`$share/g/${topic}/s`, { qos: 1 });
        for (let i = 0; i < 4; i++) await writer.publishAsync(`${topic}/s`, String(i), { qos: 1 });
        const texts = await Promise.all(boxes.map((box) => box.texts(2)));
        expect(texts.flat().toSorted()).toEqual(["0", "1", "2", "3"]);
      });
    }

  for (const wire of ["TCP", "WebSocket"] as const)
    test(`M130 version 5 over ${wire}: properties, and aliases by themselves`, async () => {
      const options: IClientOptions = {
        ...common(5),
        autoAssignTopicAlias: true,
        autoUseTopicAlias: true,
        properties: { topicAliasMaximum: 10 },
      };
      const [reader, writer] = [await connectAsync(urls[wire](), options), await connectAsync(urls[wire](), options)];
      clients.push(reader, writer);
      const inbox = new Inbox(reader);
      await reader.subscribeAsync(`js/p/${wire}`, { qos: 1, properties: { subscriptionIdentifier: 7 } });
      const properties = { userProperties: { a: ["1", "2"] }, contentType: "x/y", responseTopic: "r" };
      for (let i = 0; i < 3; i++) await writer.publishAsync(`js/p/${wire}`, String(i), { qos: 1, properties });
      for (let i = 0; i < 3; i++) {
        const { topic, packet } = await inbox.next();
        expect(topic).toBe(`js/p/${wire}`);
        expect(packet.properties).toMatchObject({ contentType: "x/y", responseTopic: "r", subscriptionIdentifier: 7 });
        expect({ ...packet.properties?.userProperties }).toEqual({ a: ["1", "2"] });
      }
    });
});

describe("mosquitto", () => {
  const mosquitto = new Mosquitto(() => node);

  test.skipIf(!Mosquitto.isThere)("M131 mosquitto_sub gets what mosquitto_pub publishes", async () => {
    for (const version of ["311", "5"])
      for (const qos of ["0", "1", "2"]) {
        const topic = `mq/${version}/${qos}`;
        const common = ["-V", version, "-q", qos, "-t", topic];
        const { lines } = await mosquitto.subscribe([...common, "-C", "3"]);
        for (const text of ["a", "b", "c"]) await mosquitto.publish([...common, "-m", text]);
        expect(await lines).toEqual(["a", "b", "c"]);
      }
  });

  test.skipIf(!Mosquitto.isThere)(
    "M131 retained values, wills, sessions that wait and shared subscriptions",
    async () => {
      for (const version of ["311", "5"]) {
        const topic = `mq/${version}/more`;
        const common = ["-V", version, "-q", "1"];
        await mosquitto.publish([...common, "-t", topic, "-m", "kept", "-r"]);
        const kept = await mosquitto.subscribe([...common, "-t", topic, "-C", "1", "-F", "%r %p"]);
        expect(await kept.lines).toEqual(["1 kept"]);

        const will = await mosquitto.subscribe([...common, "-t", `${topic}/will`, "-C", "1"]);
        const willing = ["--will-topic", `${topic}/will`, "--will-payload", "gone", "--will-qos", "1"];
        const mourned = await mosquitto.subscribe([...common, "-t", "none", ...willing, "-W", "1"]);
        // It says goodbye when its time is over; so it is taken over instead.
        const id = [...node.context.roster].find((client) => client.will !== undefined)!.clientId;
        await mosquitto.publish([...common, "-i", id, "-t", "x", "-m", "x"]);
        expect(await will.lines).toEqual(["gone"]);
        await mourned.lines.catch(() => undefined);

        const session = version === "5" ? ["-c", "-x", "60"] : ["-c"];
        const waits = [...common, ...session, "-t", `${topic}/away`, "-C", "1"];
        const first = await mosquitto.subscribe(waits, `mq-${version}`);
        await mosquitto.publish([...common, "-t", `${topic}/away`, "-m", "1"]);
        expect(await first.lines).toEqual(["1"]);
        await mosquitto.publish([...common, "-t", `${topic}/away`, "-m", "2"]);
        const again = await mosquitto.subscribe(waits, `mq-${version}`);
        expect(await again.lines).toEqual(["2"]);

        const share = [...common, "-t", `$share/g/${topic}/s`, "-C", "2"];
        const members = [await mosquitto.subscribe(share), await mosquitto.subscribe(share)];
        for (const text of ["a", "b", "c", "d"]) await mosquitto.publish([...common, "-t", `${topic}/s`, "-m", text]);
        const texts = await Promise.all(members.map(({ lines }) => lines));
        expect(texts.flat().toSorted()).toEqual(["a", "b", "c", "d"]);
      }
    },
  );

  test.skipIf(!Mosquitto.isThere)("M131 properties, and mosquitto_rr with an answer", async () => {
    const { lines } = await mosquitto.subscribe(["-V", "5", "-t", "mq/p", "-C", "1", "-F", "%C|%P|%R|%p"]);
    const flags = ["content-type x/y", "user-property a 1", "response-topic r"].flatMap((property) => [
      "-D",
      "publish",
      ...property.split(" "),
    ]);
    await mosquitto.publish(["-V", "5", "-t", "mq/p", "-m", "text", ...flags]);
    expect(await lines).toEqual(["x/y|a:1|r|text"]);

    const service = await node.join();
    await service.subscribe("mq/ask");
    const asked = mosquitto.request(["-V", "5", "-t", "mq/ask", "-e", "mq/answer", "-m", "2+2"]);
    const { properties, payload } = await service.receive();
    const { correlationData, responseTopic } = properties!;
    await service.deliver(responseTopic!, `${Buffer.from(payload).toString()}=4`, { properties: { correlationData } });
    expect(await asked).toEqual(["2+2=4"]);
  });
});

test.skipIf(!hasPaho())("M132 paho-mqtt: every QoS, retained, will, session, properties", async () => {
  expect(await runPaho(node.mqtt)).toEqual([]);
});
