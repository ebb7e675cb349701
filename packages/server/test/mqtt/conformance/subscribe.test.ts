import { expect, test } from "bun:test";
import { textOf } from "../support/client.ts";
import { durable, startMqtt } from "../support/node.ts";

const node = await startMqtt();

test("MC4 2.2.1-6 3.8.4-1 3.8.4-2 3.8.4-5 3.8.4-6 3.8.4-7 3.9.3-1 SUBSCRIBE has one answer, with a code for each filter in its place", async () => {
  const client = await node.join();
  const packetId = client.sendSubscribe(["sub/a", "$SYS/../no\u0001", "sub/b"], { qos: 2 });
  const answer = await client.take("suback");
  expect(answer.packetId).toBe(packetId);
  expect([...answer.codes]).toEqual([2, 0x8f, 2]);
  await client.nothing();
});

test("MC4 2.2.1-6 3.10.4-1 3.10.4-2 3.10.4-4 3.10.4-5 3.10.4-6 3.11.3-1 UNSUBSCRIBE has one answer, and ends what is named exactly", async () => {
  const [client, from] = [await node.join(), await node.join()];
  await client.subscribe(["un/a", "un/+", "UN/a"]);
  const packetId = 777;
  client.send({ type: "unsubscribe", packetId, filters: ["un/A", "un/+", "un/#", "un/a"], properties: undefined });
  const answer = await client.take("unsuback");
  expect(answer.packetId).toBe(packetId);
  expect([...answer.codes]).toEqual([0x11, 0, 0x11, 0]);
  for (const topic of ["un/a", "un/b", "UN/a"]) await from.deliver(topic, topic, { qos: 1 });
  expect(await client.texts(1)).toEqual(["UN/a"]);
  await client.nothing();
});

test("MC4 3.10.4-3 what was begun is completed after UNSUBSCRIBE, on the next connection too", async () => {
  const from = await node.join();
  const client = await node.join(durable("conf-un", 5));
  await client.subscribe("un2/a", { qos: 2 });
  await from.deliver("un2/a", "one", { qos: 2 });
  await from.deliver("un2/a", "two", { qos: 2 });
  const [one, two] = [await client.take("publish"), await client.take("publish")];
  await client.unsubscribe("un2/a");
  client.ack("pubrec", one.packetId!);
  expect((await client.take("pubrel")).packetId).toBe(one.packetId!);
  client.ack("pubcomp", one.packetId!);
  await client.nothing();
  client.cut();
  const back = await node.join(durable("conf-un", 5));
  expect(await back.receive()).toMatchObject({ packetId: two.packetId, dup: true });
  await back.nothing();
});

test("MC4 3.8.4-3 3.8.4-4 the same filter again replaces the subscription, sends retained messages and loses none", async () => {
  const from = await node.join();
  await from.deliver("twice/r", "kept", { qos: 1, retain: true });
  const client = await node.join({ properties: { receiveMaximum: 1 } });
  await client.subscribe("twice/#", { qos: 1, retainHandling: 2 });
  for (const text of ["1", "2", "3"]) await from.deliver("twice/a", text, { qos: 1 });
  const first = await client.take("publish");
  await client.subscribe("twice/#", { qos: 0, retainHandling: 0 });
  client.ack("puback", first.packetId!);
  const came: string[] = [];
  while (came.length < 3) came.push(textOf(await client.receive()));
  expect(came.toSorted()).toEqual(["2", "3", "kept"]);
  await from.deliver("twice/a", "4", { qos: 1 });
  expect(await client.receive()).toMatchObject({ qos: 0 });
  await client.nothing();
});

test("MC4 3.8.4-8 a delivery has the lower of both QoS", async () => {
  const from = await node.join();
  for (const asked of [0, 1, 2] as const) {
    const to = await node.join();
    await to.subscribe("lower/a", { qos: asked });
    for (const qos of [0, 1, 2] as const) {
      from.publish("lower/a", "x", { qos });
      expect((await to.receive()).qos).toBe(Math.min(qos, asked) as never);
    }
  }
});

test("MC4 3.3.4-2 3.3.4-3 3.3.4-4 overlapping subscriptions get one copy, at the highest QoS, with all identifiers", async () => {
  const [from, to] = [await node.join(), await node.join()];
  await to.subscribe("over/#", { qos: 1, id: 11 });
  await to.subscribe("over/+", { qos: 2, id: 22 });
  await to.subscribe("over/a", { qos: 0 });
  from.publish("over/a", "x", { qos: 2 });
  const { qos, properties } = await to.receive();
  expect(qos).toBe(2);
  expect([...(properties?.subscriptionIdentifiers ?? [])].toSorted((a, b) => a - b)).toEqual([11, 22]);
  await to.nothing();
});

test("MC4 3.8.3-3 with no local a client's own messages do not come back to it", async () => {
  const [client, other] = [await node.join({ clientId: "conf-local" }), await node.join()];
  await client.subscribe("local/a", { qos: 1, noLocal: true });
  await client.deliver("local/a", "own", { qos: 1 });
  await other.deliver("local/a", "other", { qos: 1 });
  expect(await client.texts(1)).toEqual(["other"]);
  await client.nothing();
});

test("MC4 4.8.2-3 a member of a shared subscription is served at its own QoS", async () => {
  const from = await node.join();
  for (const qos of [0, 1, 2] as const) {
    const member = await node.join();
    await member.subscribe("$share/own/shared/a", { qos });
    from.publish("shared/a", "x", { qos: 2 });
    expect((await member.receive()).qos).toBe(qos);
    member.cut();
    await member.end();
  }
});

test("MC4 4.8.2-4 what broke off at QoS 2 comes again to the same member", async () => {
  const from = await node.join();
  const member = await node.join(durable("conf-m1", 5));
  await member.subscribe("$share/two/shared2/a", { qos: 2 });
  from.publish("shared2/a", "x", { qos: 2 });
  const { packetId } = await member.take("publish");
  const other = await node.join();
  await other.subscribe("$share/two/shared2/a", { qos: 2 });
  member.cut();
  await other.nothing();
  const back = await node.join(durable("conf-m1", 5));
  expect(await back.receive()).toMatchObject({ packetId, dup: true });
  await other.nothing();
});

test("MC4 4.8.2-5 when the session of that member ends, nobody else gets the message", async () => {
  const from = await node.join();
  const [member, other] = [await node.join({ clientId: "conf-m2" }), await node.join()];
  await member.subscribe("$share/three/shared3/a", { qos: 2 });
  await from.deliver("shared3/a", "x", { qos: 2 });
  await member.take("publish");
  await other.subscribe("$share/three/shared3/a", { qos: 2 });
  member.cut();
  await from.deliver("shared3/a", "next", { qos: 1 });
  expect(await other.texts(1)).toEqual(["next"]);
  await other.nothing();
});

test("MC4 4.8.2-6 what a member refuses goes to nobody else", async () => {
  const [from, member, other] = [await node.join(), await node.join(), await node.join()];
  await member.subscribe("$share/four/shared4/a", { qos: 2 });
  for (const [qos, answer] of [
    [1, "puback"],
    [2, "pubrec"],
  ] as const) {
    from.publish("shared4/a", "x", { qos });
    const { packetId } = await member.take("publish");
    if (qos === 1) await other.subscribe("$share/four/shared4/b", { qos: 2 });
    member.ack(answer, packetId!, 0x83);
  }
  await member.unsubscribe("$share/four/shared4/a");
  await other.subscribe("$share/four/shared4/a", { qos: 2 });
  await other.nothing();
});
