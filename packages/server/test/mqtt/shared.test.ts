import { beforeAll, describe, expect, test } from "bun:test";
import { type MqttTestClient, textOf } from "./support/client.ts";
import { DataDir, durable, type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";
import { until } from "../support/until.ts";

let node: MqttNode;
beforeAll(async () => {
  node = await startMqtt();
});

async function gone({ context }: MqttNode, client: MqttTestClient): Promise<void> {
  const before = context.roster.size;
  client.cut();
  await until(() => context.roster.size < before);
  await context.roster.settled();
}

/** Takes and acknowledges what comes, on all of them, until so many messages are there. */
async function gather(
  clients: readonly MqttTestClient[],
  count: number,
): Promise<ReadonlyMap<MqttTestClient, string[]>> {
  const texts = new Map(clients.map((client) => [client, [] as string[]]));
  const total = (): number => [...texts.values()].reduce((sum, { length }) => sum + length, 0);
  while (total() < count) {
    for (const [client, list] of texts)
      while (client.waiting.some(({ type }) => type === "publish")) list.push(textOf(await client.receive()));
    if (total() < count) await Promise.race(clients.map((client) => client.change()));
  }
  return texts;
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i)).toSorted();

describe("shared subscriptions", () => {
  for (const version of VERSIONS)
    for (const qos of [0, 1, 2] as const)
      test(`M80 version ${version}, QoS ${qos}: each message goes to one, and all have their share`, async () => {
        const filter = `$share/g/s${version}${qos}/#`;
        const members = await Promise.all([1, 2, 3].map(() => node.join({}, version)));
        const [plain, writer] = [await node.join(), await node.join()];
        for (const member of members) await member.subscribe(filter, { qos });
        await plain.subscribe(`s${version}${qos}/#`);
        for (let i = 0; i < 30; i++) await writer.deliver(`s${version}${qos}/a`, String(i), { qos: 1 });
        const texts = await gather(members, 30);
        expect([...texts.values()].flat().toSorted()).toEqual(numbers(30));
        for (const list of texts.values()) expect(list.length).toBe(10);
        expect((await plain.texts(30)).toSorted()).toEqual(numbers(30));
        for (const member of members) await member.nothing();
      });

  test("M80 two names are two groups, and no retained value comes", async () => {
    const [a, b, writer] = [await node.join(), await node.join(), await node.join()];
    await writer.deliver("names", "retained", { qos: 1, retain: true });
    await a.subscribe("$share/a/names", { qos: 1 });
    await b.subscribe("$share/b/names", { qos: 1 });
    await writer.deliver("names", "x", { qos: 1 });
    expect([await a.texts(1), await b.texts(1)]).toEqual([["x"], ["x"]]);
    await a.nothing();
  });

  test("M81 a member that has no room is passed over, and gets its share when it has", async () => {
    const slow = await node.join({ properties: { receiveMaximum: 1 } });
    const [fast, writer] = [await node.join(), await node.join()];
    for (const member of [slow, fast]) await member.subscribe("$share/g/room", { qos: 1 });
    for (let i = 0; i < 20; i++) await writer.deliver("room", String(i), { qos: 1 });
    const texts = await gather([fast], 19);
    const held = await slow.take("publish");
    expect([...texts.get(fast)!, textOf(held)].toSorted()).toEqual(numbers(20));
    slow.ack("puback", held.packetId!);
    for (let i = 0; i < 4; i++) await writer.deliver("room", String(i), { qos: 1 });
    expect((await gather([slow, fast], 4)).get(slow)!.length).toBeGreaterThan(0);
  });

  test("M81 with nobody who has room, messages wait in the log, and none is lost or doubled", async () => {
    const member = await node.join({ properties: { receiveMaximum: 2 } });
    const writer = await node.join();
    await member.subscribe("$share/g/wait", { qos: 1 });
    for (let i = 0; i < 300; i++) writer.publish("wait", String(i), { qos: 0 });
    expect(await member.texts(300)).toEqual(Array.from({ length: 300 }, (_, i) => String(i)));
    await member.nothing();
  });

  test("M82 what a member had not acknowledged at QoS 1 goes to another one when it leaves", async () => {
    for (const wishes of [{}, durable("leaver", 5)]) {
      const [first, second, writer] = [await node.join(wishes), await node.join(), await node.join()];
      for (const member of [first, second]) await member.subscribe("$share/g/left", { qos: 1 });
      for (let i = 0; i < 10; i++) await writer.deliver("left", String(i), { qos: 1 });
      const own = await second.texts(5);
      await gone(node, first);
      expect([...own, ...(await second.texts(5))].toSorted()).toEqual(numbers(10));
      await second.nothing();
      if ("clientId" in wishes) {
        const again = await node.join(wishes);
        await again.nothing();
        await again.unsubscribe("$share/g/left");
      }
      await second.unsubscribe("$share/g/left");
    }
  });

  test("M82 what waits for a new member has its turn as there is room", async () => {
    const first = await node.join();
    const narrow = await node.join({ properties: { receiveMaximum: 1 } });
    const writer = await node.join();
    for (const member of [first, narrow]) await member.subscribe("$share/g/turns", { qos: 1 });
    for (let i = 0; i < 20; i++) await writer.deliver("turns", String(i), { qos: 1 });
    await gone(node, first);
    expect((await narrow.texts(20)).toSorted()).toEqual(numbers(20));
    await narrow.nothing();
  });

  test("M83 at QoS 2 it goes to nobody else: the same client finds it when it comes back", async () => {
    const [first, second, writer] = [await node.join(durable("two", 5)), await node.join(), await node.join()];
    for (const member of [first, second]) await member.subscribe("$share/g/two", { qos: 2 });
    for (let i = 0; i < 4; i++) await writer.deliver("two", String(i), { qos: 2 });
    const packets = [await first.take("publish"), await first.take("publish")];
    const others = await second.texts(2);
    await gone(node, first);
    await second.nothing();
    const again = await node.join(durable("two", 5));
    const back = [await again.receive(), await again.receive()];
    expect(back.map(({ packetId, dup }) => [packetId, dup])).toEqual(packets.map(({ packetId }) => [packetId, true]));
    expect([...others, ...back.map(textOf)].toSorted()).toEqual(numbers(4));
    await again.nothing();
  });

  test("M84 a durable member that was alone finds what came while nobody was there", async () => {
    const [member, writer] = [await node.join(durable("alone", 5)), await node.join()];
    await member.subscribe("$share/g/alone", { qos: 1 });
    for (let i = 0; i < 3; i++) await writer.deliver("alone", String(i), { qos: 1 });
    await member.take("publish");
    await gone(node, member);
    for (let i = 3; i < 6; i++) await writer.deliver("alone", String(i), { qos: 1 });
    const again = await node.join(durable("alone", 5));
    expect((await again.texts(6)).toSorted()).toEqual(numbers(6));
    await again.nothing();
  });

  test("M84 who comes first takes the place of an absent member, and nothing is lost", async () => {
    const [member, writer] = [await node.join(durable("absent", 5)), await node.join()];
    await member.subscribe("$share/g/place", { qos: 1 });
    await gone(node, member);
    for (let i = 0; i < 3; i++) await writer.deliver("place", String(i), { qos: 1 });
    const other = await node.join();
    await other.subscribe("$share/g/place", { qos: 1 });
    expect((await other.texts(3)).toSorted()).toEqual(numbers(3));
    const again = await node.join(durable("absent", 5));
    await again.nothing();
  });

  test("M84 the place is kept over a restart of the server", async () => {
    await using dir = await DataDir.make();
    let server = await dir.start();
    const [member, writer] = [await server.join(durable("m", 5)), await server.join()];
    await member.subscribe("$share/g/t", { qos: 2 });
    for (let i = 0; i < 2; i++) await writer.deliver("t", String(i), { qos: 2 });
    await member.texts(1);
    const { packetId } = await member.take("publish");
    await gone(server, member);
    await writer.deliver("t", "2", { qos: 2 });
    server = await dir.start();
    const again = await server.join(durable("m", 5));
    expect(await again.receive()).toMatchObject({ packetId, dup: true });
    expect(await again.texts(1)).toEqual(["2"]);
    await again.nothing();
  });

  test("M85 subscribing again keeps the place and what waits; unsubscribing ends it", async () => {
    const member = await node.join({ properties: { receiveMaximum: 1 } });
    const writer = await node.join();
    await member.subscribe("$share/g/again", { qos: 1 });
    for (let i = 0; i < 4; i++) await writer.deliver("again", String(i), { qos: 1 });
    const { packetId } = await member.take("publish");
    await member.subscribe("$share/g/again", { qos: 1 });
    member.ack("puback", packetId!);
    expect(await member.texts(3)).toEqual(["1", "2", "3"]);
    await member.unsubscribe("$share/g/again");
    await writer.deliver("again", "x", { qos: 1 });
    await member.nothing();
  });

  test("M86 a member that does not read stalls nobody, and goes on when it does", async () => {
    const tight = await startMqtt({ env: { WEBSOCKET_MAX_BUFFERED: "256KB" } });
    const [slow, writer] = [await tight.join(), await tight.join()];
    await slow.subscribe("$share/g/big", { qos: 0 });
    slow.wire.pause();
    const payload = Buffer.alloc(20_000, "x");
    for (let i = 0; i < 400; i++) await writer.deliver("big", payload, { qos: 1 });
    const fast = await tight.join();
    await fast.subscribe("$share/g/big", { qos: 0 });
    await fast.take("publish");
    slow.wire.resume();
    let count = 1;
    while (count < 400) {
      for (const client of [slow, fast]) for (; client.waiting.length > 0; count++) await client.take("publish");
      if (count < 400) await Promise.race([slow.change(), fast.change()]);
    }
    await slow.nothing();
    await fast.nothing();
  });
});
