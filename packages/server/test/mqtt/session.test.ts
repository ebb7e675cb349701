import { beforeAll, describe, expect, test } from "bun:test";
import { SessionsUnavailable, type SessionClaim, type SessionStore } from "../../src/durable/session-store.ts";
import { type MqttTestClient, textOf } from "./support/client.ts";
import { DataDir, durable, type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";
import { SECRET, tokenOf } from "../support/gateway.ts";
import { until } from "../support/until.ts";

let node: MqttNode;
beforeAll(async () => {
  node = await startMqtt();
});

/** The client is gone, and everything of its session is stored. */
async function away({ context }: MqttNode, client: MqttTestClient, how: "cut" | "disconnect" = "cut"): Promise<void> {
  const before = context.roster.size;
  if (how === "cut") client.cut();
  else client.disconnect();
  await until(() => context.roster.size < before);
  await context.roster.settled();
}

describe("the session", () => {
  for (const version of VERSIONS) {
    test(`M40 M44 version ${version}: messages for an absent client wait for it`, async () => {
      const wishes = durable(`absent-${version}`, version);
      const [reader, writer] = [await node.join(wishes, version), await node.join()];
      const topic = `absent/${version}`;
      await reader.subscribe(topic, { qos: 2 });
      await away(node, reader, "disconnect");
      for (let i = 0; i < 30; i++) await writer.deliver(topic, String(i), { qos: (1 + (i % 2)) as 1 | 2 });
      const again = await node.join(wishes, version);
      expect(await again.texts(30)).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
      await again.nothing();
    });

    test(`M41 version ${version}: a clean start forgets it`, async () => {
      const wishes = durable(`clean-${version}`, version);
      const reader = await node.join(wishes, version);
      await reader.subscribe(`clean/${version}`, { qos: 1 });
      await away(node, reader);
      const writer = await node.join();
      await writer.deliver(`clean/${version}`, "lost", { qos: 1 });
      const fresh = await node.open(version);
      expect((await fresh.connect(durable(`clean-${version}`, version, true))).sessionPresent).toBe(false);
      await writer.deliver(`clean/${version}`, "lost, too", { qos: 1 });
      await fresh.nothing();
    });

    test(`M42 version ${version}: another connection with the same id takes over, and gets what the first had not`, async () => {
      const wishes = durable(`taken-${version}`, version);
      const [first, writer] = [await node.join(wishes, version), await node.join()];
      const topic = `taken/${version}`;
      await first.subscribe(topic, { qos: 1 });
      for (const text of ["1", "2", "3"]) await writer.deliver(topic, text, { qos: 1 });
      for (let i = 0; i < 3; i++) await first.take("publish");
      const second = await node.open(version);
      expect((await second.connect(wishes)).sessionPresent).toBe(true);
      expect(await first.farewell()).toBe(version === 5 ? 0x8e : undefined);
      const packets = [await second.receive(), await second.receive(), await second.receive()];
      expect(packets.map((packet) => [textOf(packet), packet.dup])).toEqual([
        ["1", true],
        ["2", true],
        ["3", true],
      ]);
      await writer.deliver(topic, "4", { qos: 1 });
      expect(await second.texts(1)).toEqual(["4"]);
    });
  }

  test("M42 of twenty connections with one id that come together one stays", async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => node.open()));
    for (const client of clients) client.sendConnect(durable("crowd", 5));
    await until(() => clients.filter(({ hasEnded }) => hasEnded).length === 19);
    const [left] = clients.filter(({ hasEnded }) => !hasEnded);
    await left!.take("connack");
    await left!.nothing();
    expect([...node.context.roster].filter(({ clientId }) => clientId === "crowd").length).toBe(1);
  });

  test("M43 a session ends with its connection unless it is to be kept, and DISCONNECT may change for how long", async () => {
    const { store, roster } = node.context;
    const count = await store.count();
    await away(node, await node.join({ clientId: "short", cleanStart: false }), "disconnect");
    expect(await store.count()).toBe(count);
    const kept = await node.join(durable("kept", 5));
    kept.disconnect(0, { sessionExpiryInterval: 0 });
    await until(() => roster.isFree("\nkept"));
    expect(await store.load("\nkept")).toBeUndefined();
    const longer = await node.join(durable("longer", 5));
    const before = Date.now();
    longer.disconnect(0, { sessionExpiryInterval: 7200 });
    await until(() => roster.isFree("\nlonger"));
    expect((await store.load("\nlonger"))?.expires).toBeGreaterThanOrEqual(before + 7_200_000);
    const never = await node.join({ clientId: "never" });
    never.disconnect(0, { sessionExpiryInterval: 60 });
    expect(await never.farewell()).toBe(0x82);
  });

  test("M43 a session whose time is over is forgotten, and not found by who comes later", async () => {
    const wishes = { clientId: "brief", cleanStart: false, properties: { sessionExpiryInterval: 1 } };
    const client = await node.join(wishes);
    await client.subscribe("brief", { qos: 1 });
    await away(node, client);
    const { store } = node.context;
    const stored = await store.load("\nbrief");
    await store.write("\nbrief", [{ kind: "expires", at: Date.now() - 1 }]);
    expect(stored?.expires).toBeDefined();
    const again = await node.open();
    expect((await again.connect(wishes)).sessionPresent).toBe(false);
    await away(node, again);
    await store.write("\nbrief", [{ kind: "expires", at: Date.now() - 1 }]);
    while ((await store.load("\nbrief")) !== undefined) await new Promise((resolve) => setImmediate(resolve));
  });

  test("M45 a subscription that the client may no longer have is not given back", async () => {
    const guarded = await startMqtt({ env: { AUTH_JWT_SECRET: SECRET } });
    const wide = await tokenOf("ann", { subscribe: ["#"], publish: ["#"] });
    const narrow = await tokenOf("ann", { subscribe: ["news/#"], publish: ["#"] });
    const first = await guarded.join({ ...durable("phone", 5), password: wide });
    await first.subscribe(["news/a", "secret/a"], { qos: 1 });
    await away(guarded, first);
    const second = await guarded.join({ ...durable("phone", 5), password: narrow });
    const writer = await guarded.join({ password: wide });
    await writer.deliver("secret/a", "secret", { qos: 1 });
    await writer.deliver("news/a", "news", { qos: 1 });
    expect(await second.texts(1)).toEqual(["news"]);
    await second.nothing();
  });
});

describe("QoS 2, interrupted", () => {
  for (const version of VERSIONS)
    for (const restart of [false, true]) {
      const name = `version ${version}${restart ? ", the server started anew" : ""}`;

      test(`M46 M48 ${name}: from the client, after each step it is stored once`, async () => {
        await using dir = await DataDir.make();
        let server = await dir.start();
        const wishes = durable("sender", version);
        const next = async (client: MqttTestClient): Promise<MqttTestClient> => {
          await away(server, client);
          if (restart) server = await dir.start();
          return server.join(wishes, version);
        };
        let client = await server.join(wishes, version);
        client.publish("in", "a", { qos: 2, packetId: 1 });
        await client.take("pubrec");
        client = await next(client);
        client.publish("in", "a", { qos: 2, packetId: 1, dup: true });
        await client.take("pubrec");
        client = await next(client);
        client.ack("pubrel", 1);
        await client.take("pubcomp");
        client = await next(client);
        client.ack("pubrel", 1);
        expect((await client.take("pubcomp")).code).toBe(version === 5 ? 0x92 : 0);
        await client.deliver("in", "b", { qos: 2, packetId: 1 });
        const { messages } = await server.gateway.services.streamOf("in").log.latest({ topic: "in", limit: 10 });
        expect(messages.map(({ message }) => Buffer.from(message.payload.bytes).toString())).toEqual(["a", "b"]);
      });

      test(`M47 M48 ${name}: to the client, after each step it goes on with the same packet id`, async () => {
        await using dir = await DataDir.make();
        let server = await dir.start();
        const wishes = durable("taker", version);
        const next = async (from: MqttTestClient): Promise<MqttTestClient> => {
          await away(server, from);
          if (restart) server = await dir.start();
          return server.join(wishes, version);
        };
        let client = await server.join(wishes, version);
        await client.subscribe("out", { qos: 2 });
        const writer = await server.join();
        await writer.deliver("out", "a", { qos: 2 });
        await writer.deliver("out", "b", { qos: 2 });
        const { packetId } = await client.take("publish");
        await client.take("publish");
        client = await next(client);
        expect(await client.take("publish")).toMatchObject({ packetId, dup: true, qos: 2 });
        const second = await client.take("publish");
        expect(textOf(second)).toBe("b");
        client.ack("pubrec", packetId!);
        await client.take("pubrel");
        client = await next(client);
        expect(await client.take("pubrel")).toMatchObject({ packetId });
        expect(await client.take("publish")).toMatchObject({ packetId: second.packetId, dup: true });
        client.ack("pubcomp", packetId!);
        await client.nothing();
        client = await next(client);
        const left = await client.take("publish");
        expect(left).toMatchObject({ packetId: second.packetId, dup: true });
        client.ack("pubrec", left.packetId!);
        await client.take("pubrel");
        client.ack("pubcomp", left.packetId!);
        await client.nothing();
        client = await next(client);
        await client.nothing();
      });
    }

  test("M46 a message that comes again after the log has forgotten its id is not stored again", async () => {
    const forgetful = await startMqtt({ env: { NAMESPACE_DEFAULTS_MESSAGE_ID_WINDOW: "0" } });
    const wishes = durable("late", 5);
    const client = await forgetful.join(wishes);
    client.publish("late", "x", { qos: 2, packetId: 4 });
    await client.take("pubrec");
    await away(forgetful, client);
    const again = await forgetful.join(wishes);
    again.publish("late", "x", { qos: 2, packetId: 4, dup: true });
    await again.take("pubrec");
    expect(forgetful.gateway.services.streamOf("late").log.head()).toBe(1);
  });

  test("M49 what retention has removed meanwhile is not sent again, and its packet id is freed by PUBREL", async () => {
    const short = await startMqtt({ env: { NAMESPACE_DEFAULTS_HISTORY_SIZE: "1" } });
    const wishes = durable("pruned", 5);
    const [reader, writer] = [await short.join(wishes), await short.join()];
    await reader.subscribe("pruned", { qos: 2 });
    await writer.deliver("pruned", "old", { qos: 2 });
    const { packetId } = await reader.take("publish");
    await away(short, reader);
    for (const text of ["newer", "newest"]) await writer.deliver("pruned", text, { qos: 2 });
    const again = await short.join(wishes);
    expect(await again.take("pubrel")).toMatchObject({ packetId });
    again.ack("pubcomp", packetId!, 0x92);
    expect(await again.texts(1)).toEqual(["newest"]);
  });

  test("M50 what is under way of a subscription that was ended is finished, also by a later connection", async () => {
    for (const version of VERSIONS) {
      const wishes = durable(`ended-${version}`, version);
      const topic = `ended/${version}`;
      const [reader, writer] = [await node.join(wishes, version), await node.join()];
      await reader.subscribe(topic, { qos: 2 });
      await writer.deliver(topic, "a", { qos: 2 });
      const { packetId } = await reader.take("publish");
      await reader.unsubscribe(topic);
      await away(node, reader);
      const again = await node.join(wishes, version);
      expect(await again.take("publish")).toMatchObject({ packetId, dup: true, qos: 2 });
      again.ack("pubrec", packetId!);
      await again.take("pubrel");
      again.ack("pubcomp", packetId!);
      await writer.deliver(topic, "b", { qos: 2 });
      await again.nothing();
      await away(node, again);
      expect((await node.context.store.load(`\nended-${version}`))?.flights).toEqual([]);
    }
  });
});

describe("QoS 1, interrupted", () => {
  test("M51 what was acknowledged does not come again, what was not does, with DUP and its packet id", async () => {
    const wishes = durable("holes", 5);
    const [reader, writer] = [await node.join(wishes), await node.join()];
    await reader.subscribe("holes", { qos: 1 });
    for (const text of ["a", "b", "c", "d"]) await writer.deliver("holes", text, { qos: 1 });
    const packets = [];
    for (let i = 0; i < 4; i++) packets.push(await reader.take("publish"));
    reader.ack("puback", packets[1]!.packetId!);
    reader.ack("puback", packets[3]!.packetId!);
    await reader.nothing();
    await away(node, reader);
    await writer.deliver("holes", "e", { qos: 1 });
    const again = await node.join(wishes);
    const seen = [await again.receive(), await again.receive(), await again.receive()];
    expect(seen.map((packet) => [textOf(packet), packet.dup])).toEqual([
      ["a", true],
      ["c", true],
      ["e", false],
    ]);
    expect(seen.slice(0, 2).map(({ packetId }) => packetId)).toEqual([packets[0]!.packetId, packets[2]!.packetId]);
    await again.nothing();
  });

  test("M51 what was under way goes before everything else, whatever the client does first", async () => {
    const wishes = durable("first", 5);
    const [reader, writer] = [await node.join(wishes), await node.join()];
    await reader.subscribe("first", { qos: 1 });
    for (const text of ["1", "2", "3"]) await writer.deliver("first", text, { qos: 1 });
    for (let i = 0; i < 3; i++) await reader.take("publish");
    await away(node, reader);
    await writer.deliver("first", "4", { qos: 1 });
    const again = await node.open();
    again.sendConnect(wishes);
    again.sendSubscribe("first", { qos: 1, retainHandling: 2 });
    await again.take("connack");
    const texts: string[] = [];
    while (texts.length < 4) {
      await until(() => again.waiting.length > 0);
      const type = again.waiting[0]!.type;
      if (type === "publish") texts.push(textOf(await again.receive()));
      else await again.take(type);
    }
    expect(texts).toEqual(["1", "2", "3", "4"]);
  });

  test("M52 nothing is sent before CONNACK, whatever is published while a session comes back", async () => {
    const wishes = durable("flood", 5);
    const reader = await node.join(wishes);
    await reader.subscribe(["flood/0", "$share/g/flood/0"]);
    await reader.subscribe("flood/1", { qos: 1 });
    await away(node, reader);
    const { store } = node.context;
    const claim = store.claim.bind(store);
    const gate = Promise.withResolvers<void>();
    const writer = await node.join();
    store.claim = async (key, decide) => {
      const found = await claim(key, decide);
      setImmediate(gate.resolve);
      return found;
    };
    const again = await node.open();
    again.sendConnect(wishes);
    for (let i = 0; i < 50; i++) {
      writer.publish("flood/0", String(i));
      writer.publish("flood/1", String(i));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await gate.promise;
    await again.take("connack");
    store.claim = claim;
  });
});

describe("positions", () => {
  test("M44 M48 a thousand absent clients of a topic do not store its messages a thousand times", async () => {
    await using dir = await DataDir.make();
    const server = await dir.start({ NAMESPACE_DEFAULTS_HISTORY_SIZE: "100000" });
    const ids = Array.from({ length: 1000 }, (_, i) => `many-${i}`);
    for (let from = 0; from < ids.length; from += 100)
      await Promise.all(
        ids.slice(from, from + 100).map(async (id) => {
          const client = await server.join(durable(id, 5));
          await client.subscribe("fan", { qos: 1 });
          client.disconnect();
          await client.end();
        }),
      );
    await server.context.roster.settled();
    expect(await server.context.store.count()).toBe(1000);
    const size = (): number =>
      ["sessions.db", "sessions.db-wal"].reduce((sum, name) => sum + Bun.file(`${dir.path}/${name}`).size, 0);
    const before = size();
    const writer = await server.join({ properties: { receiveMaximum: 100 } });
    const payload = Buffer.alloc(1000, "x");
    for (let i = 0; i < 1000; i++) writer.publish("fan", payload);
    await writer.deliver("fan", "last", { qos: 1 });
    expect(size() - before).toBeLessThan(100_000);
    const back = await (await dir.start({ NAMESPACE_DEFAULTS_HISTORY_SIZE: "100000" })).join(durable("many-777", 5));
    const texts = await back.texts(1001);
    expect(texts.at(-1)).toBe("last");
  }, 30_000);

  test("M48 a subscription that was acknowledged keeps its place, also if the server dies at once", async () => {
    await using dir = await DataDir.make();
    const server = await dir.start();
    const client = await server.join(durable("quick", 5));
    await client.subscribe("quick", { qos: 1 });
    // As a kill would leave it: without what is written when a client leaves.
    const { store } = server.context;
    const stored = await store.load("\nquick");
    const writer = await server.join();
    await writer.deliver("quick", "1", { qos: 1 });
    await away(server, client);
    await store.write("\nquick", [
      { kind: "create", user: undefined },
      ...stored!.subscriptions.map(({ filter, options }) => ({ kind: "subscribe", filter, options }) as const),
    ]);
    const again = await (await dir.start()).join(durable("quick", 5));
    expect(await again.texts(1)).toEqual(["1"]);
  });
});

describe("a store that fails", () => {
  const away = (): Promise<never> => Promise.reject(new SessionsUnavailable("the disk is full"));

  /** Claims that are made from now on fail to write while they are told to. */
  function failing(store: SessionStore): { fail: boolean } {
    const writes = { fail: false };
    const claim = store.claim.bind(store);
    store.claim = async (id, decide) => {
      const claimed = await claim(id, decide);
      const { claim: own } = claimed;
      if (own === undefined) return claimed;
      const write: SessionClaim["write"] = (changes) => (writes.fail ? away() : own.write(changes));
      return { ...claimed, claim: { number: own.number, write, release: () => own.release() } };
    };
    return writes;
  }

  test("M17 who connects is refused, in both versions, and comes in when it works again", async () => {
    const server = await startMqtt();
    const { store } = server.context;
    for (const version of VERSIONS) {
      const kept = store.claim.bind(store);
      store.claim = away;
      const client = await server.open(version);
      expect((await client.connect(durable("unlucky", version))).code).toBe(version === 5 ? 0x88 : 3);
      await client.end();
      store.claim = kept;
      expect((await (await server.open(version)).connect(durable("unlucky", version))).code).toBe(0);
    }
  });

  test("M17 nothing that needed the store is acknowledged, and the session goes on from what was stored", async () => {
    const server = await startMqtt();
    const writes = failing(server.context.store);
    const attempts: readonly ((client: MqttTestClient) => void)[] = [
      (client) => client.sendSubscribe("never", { qos: 1 }),
      (client) => client.publish("never", "x", { qos: 2, packetId: 8 }),
    ];
    for (const attempt of attempts) {
      const client = await server.join(durable("halfway", 5));
      writes.fail = true;
      attempt(client);
      expect(await client.farewell()).toBe(0x80);
      writes.fail = false;
    }
    await server.context.roster.settled();
    const again = await server.join(durable("halfway", 5));
    expect(server.gateway.services.streamOf("never").log.head()).toBe(0);
    await again.deliver("never", "x", { qos: 2, packetId: 8 });
    await again.nothing();
  });

  test("M17 a message of QoS 2 that could not be noted is not sent, and comes when the client is back", async () => {
    const server = await startMqtt();
    const writes = failing(server.context.store);
    const [reader, writer] = [await server.join(durable("noted", 5)), await server.join()];
    await reader.subscribe("noted", { qos: 2 });
    writes.fail = true;
    await writer.deliver("noted", "x", { qos: 2 });
    expect(await reader.farewell()).toBe(0x80);
    writes.fail = false;
    const again = await server.join(durable("noted", 5));
    expect(await again.texts(1)).toEqual(["x"]);
  });
});
