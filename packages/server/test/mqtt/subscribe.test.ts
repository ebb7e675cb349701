import { beforeAll, describe, expect, test } from "bun:test";
import { type MqttTestClient, textOf } from "./support/client.ts";
import { durable, type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";
import { SECRET, tokenOf } from "../support/gateway.ts";
import { until } from "../support/until.ts";

let node: MqttNode;
beforeAll(async () => {
  node = await startMqtt();
});

/** Payloads of what waits, when the server has nothing more to send. */
async function rest(client: MqttTestClient, count: number): Promise<readonly string[]> {
  const texts = (await client.texts(count)).toSorted();
  await client.nothing();
  return texts;
}

describe("filters", () => {
  test("M60 each filter of a SUBSCRIBE is granted or refused by itself, with 0x80 in 3.1.1", async () => {
    const guarded = await startMqtt({
      env: { AUTH_JWT_SECRET: SECRET, CONNECTIONS_MAX_SUBSCRIPTIONS: "3" },
      change: (options) => ({
        ...options,
        strictNamespaces: true,
        namespaces: new Map(["news", "secret"].map((name) => [name, options.namespaceDefaults])),
      }),
    });
    const password = await tokenOf("ann", { subscribe: ["news/#", "other/#"] });
    const filters = ["news/a", "news/#", "secret/a", "other/a", `news/${"x".repeat(1100)}`, "news/b", "news/c"];
    const expected = [0, 0, 0x87, 0x80, 0x8f, 0, 0x97];
    for (const version of VERSIONS) {
      const client = await guarded.join({ password }, version);
      const { codes } = await client.subscribe(filters);
      expect(codes).toEqual(version === 5 ? expected : expected.map((code) => (code < 0x80 ? code : 0x80)));
      expect((await client.subscribe("news/a", { qos: 1 })).codes).toEqual([1]);
    }
  });

  test("M61 wildcards name topics of all namespaces, but none that begins with $", async () => {
    const [reader, writer] = [await node.join(), await node.join()];
    await reader.subscribe("+/wild/#", { qos: 1 });
    for (const topic of ["one/wild", "two/wild/x", "two/tame", "$SYS/wild/x"]) writer.publish(topic, topic, { qos: 0 });
    expect(await rest(reader, 2)).toEqual(["one/wild", "two/wild/x"]);
  });

  test("M62 subscribing again with the same filter changes the options and loses nothing", async () => {
    const [reader, writer] = [await node.join({ properties: { receiveMaximum: 1 } }), await node.join()];
    await reader.subscribe("re", { qos: 1 });
    for (const text of ["1", "2", "3"]) await writer.deliver("re", text, { qos: 1 });
    const first = await reader.take("publish");
    expect((await reader.subscribe("re", { qos: 0, retainHandling: 2 })).codes).toEqual([0]);
    reader.ack("puback", first.packetId!);
    const packets = [await reader.take("publish"), await reader.take("publish")];
    expect(packets.map((packet) => [textOf(packet), packet.qos])).toEqual([
      ["2", 0],
      ["3", 0],
    ]);
    await reader.subscribe("re", { qos: 2, retainHandling: 2 });
    await writer.deliver("re", "4", { qos: 2 });
    expect((await reader.receive()).qos).toBe(2);
    await reader.nothing();
  });
});

describe("unsubscribe", () => {
  for (const version of VERSIONS)
    test(`M63 version ${version}: each filter is answered, and no message comes that is published later`, async () => {
      const [reader, writer] = [await node.join({}, version), await node.join()];
      await reader.subscribe(["un/a", "un/b"], { qos: 1 });
      expect(await reader.unsubscribe("un/a", "un/c")).toEqual(version === 5 ? [0, 0x11] : []);
      await writer.deliver("un/a", "no", { qos: 1 });
      await writer.deliver("un/b", "yes", { qos: 1 });
      expect(await reader.texts(1)).toEqual(["yes"]);
      await reader.nothing();
    });

  test("M63 M50 what is under way is finished; what waited is not sent", async () => {
    const [reader, writer] = [await node.join({ properties: { receiveMaximum: 1 } }), await node.join()];
    await reader.subscribe("un/w", { qos: 2 });
    for (const text of ["1", "2"]) await writer.deliver("un/w", text, { qos: 2 });
    const { packetId } = await reader.take("publish");
    await reader.unsubscribe("un/w");
    reader.ack("pubrec", packetId!);
    await reader.take("pubrel");
    reader.ack("pubcomp", packetId!);
    await reader.nothing();
  });

  test("M64 packet ids are free again after messages of subscriptions that come and go, also in a durable session", async () => {
    const [reader, writer] = [await node.join(durable("hop", 5)), await node.join()];
    for (let round = 0; round < 20; round++) {
      await reader.subscribe("hop", { qos: 2 });
      await writer.deliver("hop", "x", { qos: 2 });
      await reader.texts(1);
      await reader.unsubscribe("hop");
    }
    const [client] = [...node.context.roster].filter(({ clientId }) => clientId === "hop");
    expect([...(client!.usedWindow?.flights ?? [])]).toEqual([]);
  });
});

describe("options", () => {
  test("M65 with no local a client does not get its own messages, others do", async () => {
    const [client, other] = [await node.join({ clientId: "own" }), await node.join()];
    for (const qos of [0, 1, 2] as const) await client.subscribe(`local/${qos}`, { qos, noLocal: true });
    await other.subscribe("local/+");
    for (const qos of [0, 1, 2] as const) await client.deliver(`local/${qos}`, `own ${qos}`, { qos: 1 });
    expect(await rest(other, 3)).toEqual(["own 0", "own 1", "own 2"]);
    for (const qos of [0, 1, 2] as const) await other.deliver(`local/${qos}`, `other ${qos}`, { qos: 1 });
    expect(await rest(client, 3)).toEqual(["other 0", "other 1", "other 2"]);
  });

  test("M66 a live message has RETAIN only with retain as published", async () => {
    const [plain, kept, writer] = [await node.join(), await node.join(), await node.join()];
    for (const qos of [0, 1] as const) {
      await plain.subscribe(`rap/${qos}`, { qos });
      await kept.subscribe(`rap/${qos}`, { qos, retainAsPublished: true });
      await writer.deliver(`rap/${qos}`, "x", { qos: 1, retain: true });
      await writer.deliver(`rap/${qos}`, "y", { qos: 1 });
      const flags = async (client: MqttTestClient) =>
        [await client.receive(), await client.receive()].map(({ retain }) => retain);
      expect([await flags(plain), await flags(kept)]).toEqual([
        [false, false],
        [true, false],
      ]);
    }
  });

  test("M67 a message has the identifier of its subscription, the last one that was given", async () => {
    const [reader, writer] = [await node.join(), await node.join()];
    await reader.subscribe("id/a", { id: 5 });
    await reader.subscribe("id/b", { qos: 1, id: 268_435_455 });
    await reader.subscribe("id/c");
    for (const topic of ["id/a", "id/b", "id/c"]) await writer.deliver(topic, "x", { qos: 1 });
    await reader.subscribe("id/a", { id: 6 });
    await writer.deliver("id/a", "x");
    const ids = [];
    for (let i = 0; i < 4; i++) ids.push((await reader.receive()).properties?.subscriptionIdentifiers);
    expect(ids).toEqual([[5], [268_435_455], undefined, [6]]);
  });
});

describe("overlapping subscriptions", () => {
  for (const version of VERSIONS)
    test(`M68 version ${version}: one copy, at the highest QoS, with all identifiers`, async () => {
      const [reader, writer] = [await node.join({}, version), await node.join()];
      const wishes = (id: number) => (version === 5 ? { id } : {});
      await reader.subscribe(`o${version}/#`, { qos: 0, ...wishes(1) });
      await reader.subscribe(`o${version}/+`, { qos: 2, ...wishes(2) });
      await reader.subscribe(`o${version}/a`, { qos: 1, ...wishes(3) });
      await writer.deliver(`o${version}/a`, "all", { qos: 2 });
      await writer.deliver(`o${version}/b/c`, "first", { qos: 2 });
      const packet = await reader.receive();
      expect(packet.qos).toBe(2);
      if (version === 5) expect(packet.properties?.subscriptionIdentifiers?.toSorted()).toEqual([1, 2, 3]);
      expect(await rest(reader, 1)).toEqual(["first"]);
    });

  test("M69 what waits in a subscription that is ended comes by the others, once and at their QoS", async () => {
    for (const [left, ended] of [
      [1, 2],
      [1, 1],
      [0, 1],
      [2, 1],
    ] as const) {
      const [reader, writer] = [await node.join({ properties: { receiveMaximum: 1 } }), await node.join()];
      const topics = [`e${left}${ended}/a`, `e${left}${ended}/b`];
      await reader.subscribe(topics[0]!, { qos: ended });
      await reader.subscribe(`e${left}${ended}/#`, { qos: left });
      await reader.subscribe("other/+", { qos: 1 });
      for (let i = 0; i < 5; i++) for (const topic of topics) await writer.deliver(topic, `${topic} ${i}`, { qos: 2 });
      const first = await reader.receive().then(textOf);
      expect(await reader.unsubscribe(topics[0]!)).toEqual([0]);
      const others = await reader.texts(9);
      await reader.nothing();
      expect([first, ...others].toSorted()).toEqual(
        topics.flatMap((topic) => [0, 1, 2, 3, 4].map((i) => `${topic} ${i}`)),
      );
      await writer.deliver(topics[0]!, "later", { qos: 2 });
      expect((await reader.receive()).qos).toBe(left);
      await reader.nothing();
    }
  });

  test("M69 what waited is nobody's if no other subscription names it", async () => {
    const [reader, writer] = [await node.join({ properties: { receiveMaximum: 1 } }), await node.join()];
    await reader.subscribe("lone/a", { qos: 1 });
    await reader.subscribe("lone/x/#", { qos: 1 });
    for (let i = 0; i < 4; i++) await writer.deliver("lone/a", String(i), { qos: 1 });
    const { packetId } = await reader.take("publish");
    await reader.unsubscribe("lone/a");
    expect((await reader.subscribe("lone/a", { qos: 1 })).codes).toEqual([1]);
    reader.ack("puback", packetId!);
    await writer.deliver("lone/a", "new", { qos: 1 });
    expect(await rest(reader, 1)).toEqual(["new"]);
  });

  test("M69 a durable session that goes while such messages wait still gets them", async () => {
    const wishes = durable("waits", 5);
    const reader = await node.join({ ...wishes, properties: { ...wishes.properties, receiveMaximum: 1 } });
    const writer = await node.join();
    await reader.subscribe("waits/a", { qos: 1 });
    await reader.subscribe("waits/#", { qos: 1 });
    for (let i = 0; i < 6; i++) await writer.deliver("waits/a", String(i), { qos: 1 });
    await reader.take("publish");
    await reader.unsubscribe("waits/a");
    const before = node.context.roster.size;
    reader.cut();
    await until(() => node.context.roster.size < before);
    const again = await node.join(wishes);
    const seen = new Set<string>();
    while (seen.size < 6) seen.add(textOf(await again.receive()));
    expect([...seen].toSorted()).toEqual(["0", "1", "2", "3", "4", "5"]);
  });
});

describe("retained values", () => {
  test("M70 a value is kept, replaced and cleared by an empty one, and comes with RETAIN to who subscribes", async () => {
    const writer = await node.join();
    const read = async (): Promise<readonly string[]> => {
      const reader = await node.join();
      await reader.subscribe("kept/+", { qos: 1 });
      await writer.deliver("kept/end", "end", { qos: 1 });
      const texts: string[] = [];
      for (;;) {
        const packet = await reader.receive();
        if (textOf(packet) === "end") return texts.toSorted();
        expect(packet.retain).toBe(true);
        texts.push(`${packet.topic}=${textOf(packet)}`);
      }
    };
    expect(await read()).toEqual([]);
    await writer.deliver("kept/a", "1", { qos: 1, retain: true });
    await writer.deliver("kept/b", "2", { qos: 0, retain: true });
    await writer.deliver("kept/a", "3", { qos: 2, retain: true });
    await writer.deliver("kept/a", "not kept", { qos: 1 });
    expect(await read()).toEqual(["kept/a=3", "kept/b=2"]);
    await writer.deliver("kept/a", "", { qos: 1, retain: true });
    expect(await read()).toEqual(["kept/b=2"]);
  });

  test("M71 retain handling: 0 always, 1 only for a new subscription, 2 never", async () => {
    const writer = await node.join();
    await writer.deliver("handled", "v", { qos: 1, retain: true });
    for (const qos of [0, 1] as const) {
      const counts = [];
      for (const retainHandling of [0, 1, 2] as const) {
        const reader = await node.join();
        for (let round = 0; round < 2; round++) {
          await reader.subscribe("handled", { qos, retainHandling });
          await reader.subscribe("fence", { qos: 1 });
          await writer.deliver("fence", "f", { qos: 1 });
          let count = 0;
          while (textOf(await reader.receive()) !== "f") count++;
          counts.push(count);
          await reader.unsubscribe("fence");
        }
      }
      expect(counts).toEqual([1, 1, 1, 0, 0, 0]);
    }
  });

  test("M72 a wildcard over several namespaces, and several logs, finds the values of all", async () => {
    const several = await startMqtt({
      change: (options) => ({
        ...options,
        namespaces: new Map([["fast", { ...options.namespaceDefaults, durability: "memory" }]]),
      }),
    });
    const [writer, reader] = [await several.join(), await several.join()];
    for (const topic of ["fast/v", "slow/v", "other/v"]) await writer.deliver(topic, topic, { qos: 1, retain: true });
    await reader.subscribe("+/v", { qos: 1 });
    expect(await rest(reader, 3)).toEqual(["fast/v", "other/v", "slow/v"]);
    for (const topic of ["fast/v", "slow/v"]) await writer.deliver(topic, `${topic} live`, { qos: 1 });
    expect(await rest(reader, 2)).toEqual(["fast/v live", "slow/v live"]);
  });

  test("M73 more retained values than a client reads at once come whole, at every QoS", async () => {
    const tight = await startMqtt({ env: { WEBSOCKET_MAX_BUFFERED: "64KB" } });
    const writer = await tight.join({}, 4);
    for (let i = 0; i < 500; i++) writer.publish(`lot/${i}`, Buffer.alloc(1000, "x"), { retain: true, qos: 1 });
    for (let i = 0; i < 500; i++) await writer.take("puback");
    for (const qos of [0, 1] as const) {
      const reader = await tight.join();
      await reader.subscribe("lot/#", { qos });
      const topics = new Set<string>();
      while (topics.size < 500) topics.add((await reader.receive()).topic);
      reader.cut();
    }
  });

  test("M74 a value that is published after the subscription comes once, as a live message", async () => {
    const [reader, writer] = [await node.join(), await node.join()];
    const { log } = node.gateway.services.streamOf("race");
    const retainedPage = log.retainedPage.bind(log);
    log.retainedPage = async (query) => {
      await writer.deliver("race", "new", { qos: 1, retain: true });
      return retainedPage(query);
    };
    for (const qos of [0, 1] as const) {
      await reader.subscribe("race", { qos });
      expect(await reader.receive()).toMatchObject({ retain: false });
      await reader.nothing();
      await reader.unsubscribe("race");
      await writer.deliver("race", "", { qos: 1, retain: true });
    }
    log.retainedPage = retainedPage;
  });

  test("M75 a retained value of QoS 2 that is under way is finished by the next connection", async () => {
    const wishes = durable("values", 5);
    const [reader, writer] = [await node.join(wishes), await node.join()];
    await writer.deliver("values", "v", { qos: 2, retain: true });
    await reader.subscribe("values", { qos: 2 });
    const { packetId } = await reader.take("publish");
    const before = node.context.roster.size;
    reader.cut();
    await until(() => node.context.roster.size < before);
    const again = await node.join(wishes);
    expect(await again.take("publish")).toMatchObject({ packetId, dup: true, retain: true });
    again.ack("pubrec", packetId!);
    await again.take("pubrel");
    again.ack("pubcomp", packetId!);
    await writer.deliver("values", "live", { qos: 2 });
    expect(await again.texts(1)).toEqual(["live"]);
  });
});
