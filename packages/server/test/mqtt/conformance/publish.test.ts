import { expect, test } from "bun:test";
import { Payload } from "@tidegate/protocol";
import { textOf } from "../support/client.ts";
import { durable, startMqtt } from "../support/node.ts";
import { until } from "../../support/until.ts";

const node = await startMqtt({ env: { MQTT_MAX_TOPIC_ALIASES: "2" } });

test("MC4 3.3.2-4 3.3.2-15 3.3.2-16 3.3.2-17 3.3.2-20 properties of a message are handed on unaltered", async () => {
  const [from, to] = [await node.join(), await node.join()];
  await to.subscribe("handed/on");
  const properties = {
    payloadFormatIndicator: 1,
    contentType: "text/é",
    responseTopic: "answer/1",
    correlationData: Uint8Array.of(0, 255, 128),
    userProperties: [
      ["x", "1"],
      ["x", "2"],
    ],
  } as const;
  for (const each of [
    properties,
    { ...properties, payloadFormatIndicator: 0, correlationData: new Uint8Array(0) } as const,
  ]) {
    from.publish("handed/on", "x", { properties: each });
    const { correlationData, ...rest } = (await to.receive()).properties ?? {};
    expect([...(correlationData ?? [])]).toEqual([...each.correlationData]);
    const { correlationData: _, ...expected } = each;
    expect(rest).toMatchObject(expected as never);
  }
});

test("MC4 3.2.2-17 3.3.2-9 3.3.2-12 every topic alias up to the maximum is taken, and none above", async () => {
  const [from, to] = [await node.join(), await node.join()];
  await to.subscribe("alias/#");
  for (const topicAlias of [1, 2]) {
    from.publish(`alias/${topicAlias}`, "named", { properties: { topicAlias } });
    from.publish("", "short", { properties: { topicAlias } });
    for (const text of ["named", "short"])
      expect(await to.receive().then((each) => [each.topic, textOf(each)])).toEqual([`alias/${topicAlias}`, text]);
  }
  from.publish("alias/3", "x", { properties: { topicAlias: 3 } });
  expect(await from.farewell()).toBe(0x94);
});

test("MC4 3.2.2-18 a server without topic aliases takes none", async () => {
  const without = await startMqtt({ env: { MQTT_MAX_TOPIC_ALIASES: "0" } });
  const client = await without.open();
  expect((await client.connect()).properties?.topicAliasMaximum ?? 0).toBe(0);
  client.publish("alias/1", "x", { properties: { topicAlias: 1 } });
  expect(await client.farewell()).toBe(0x94);
});

test("MC4 3.3.2-7 a topic alias of an earlier connection means nothing", async () => {
  const client = await node.join(durable("conf-alias", 5));
  client.publish("alias/old", "x", { properties: { topicAlias: 1 } });
  await client.nothing();
  client.cut();
  const next = await node.join(durable("conf-alias", 5));
  next.publish("", "x", { properties: { topicAlias: 1 } });
  expect(await next.farewell()).toBe(0x82);
});

test("MC4 3.1.2-26 3.1.2-27 3.3.2-11 deliveries have topic aliases up to the client's maximum, and none without", async () => {
  const from = await node.join();
  for (const topicAliasMaximum of [undefined, 0, 1]) {
    const to = await node.join({ properties: { topicAliasMaximum } });
    await to.subscribe("out/#");
    const aliases: (number | undefined)[] = [];
    for (const topic of ["out/a", "out/b", "out/a"]) {
      from.publish(topic, "x");
      aliases.push((await to.receive()).properties?.topicAlias);
    }
    expect(aliases).toEqual(topicAliasMaximum === 1 ? [1, undefined, 1] : [undefined, undefined, undefined]);
  }
});

test("MC4 3.1.2-25 a message that is too large for a client is as if it were delivered", async () => {
  const from = await node.join();
  const to = await node.join({ properties: { maximumPacketSize: 100, receiveMaximum: 1 } });
  for (const qos of [1, 2] as const) {
    await to.subscribe("large/a", { qos });
    for (const text of ["x".repeat(200), "small"]) await from.deliver("large/a", text, { qos });
    expect(await to.texts(1)).toEqual(["small"]);
  }
});

/** Stores a message as if it had come `ago` milliseconds before. */
function storeLate(topic: string, text: string, expiry: number, ago: number): Promise<void> {
  const { services } = node.gateway;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const answer = { published: () => resolve(), refused: () => reject(new Error("refused")) };
  const message = { topic, payload: Payload.text(text), id: undefined, from: undefined, priority: 1 } as const;
  const headers = { "mqtt-message-expiry": String(expiry) };
  const time = services.clock.now() - ago;
  const { appender } = services.streamOf(topic.split("/")[0]!);
  appender.submit({ ...message, headers, time, retain: false, origin: "mqtt" }, 1, answer, undefined);
  return promise;
}

test("MC4 3.3.2-5 3.3.2-6 what has expired is not delivered, and what is left of the time is told", async () => {
  const to = await node.join(durable("conf-expiry", 5));
  await to.subscribe("expiry/a", { qos: 1 });
  to.cut();
  await storeLate("expiry/a", "expired", 10, 11_000);
  await storeLate("expiry/a", "fresh", 100, 11_000);
  const back = await node.join(durable("conf-expiry", 5));
  const message = await back.receive();
  expect(textOf(message)).toBe("fresh");
  expect(message.properties?.messageExpiryInterval).toBeWithin(85, 90);
});

test("MC4 4.3.3-7 what was sent does not expire: it comes again", async () => {
  const to = await node.join(durable("conf-sent", 5));
  await to.subscribe("sent/a", { qos: 2 });
  await storeLate("sent/a", "sent", 10, 9900);
  const { packetId } = await to.take("publish");
  const over = node.gateway.services.clock.now() + 100;
  to.cut();
  await until(() => node.gateway.services.clock.now() > over);
  expect(await (await node.join(durable("conf-sent", 5))).receive()).toMatchObject({ packetId, dup: true });
});

test("MC4 3.3.1-9 3.3.1-10 3.3.1-11 retain handling says when retained messages come", async () => {
  const from = await node.join();
  await from.deliver("retained/a", "a", { qos: 1, retain: true });
  await from.deliver("retained/b", "b", { qos: 1, retain: true });
  const to = await node.join();
  await to.subscribe("retained/+", { retainHandling: 2 });
  await to.nothing();
  await to.subscribe("retained/#", { retainHandling: 1 });
  expect(await to.texts(2)).toEqual(["a", "b"]);
  await to.subscribe("retained/#", { retainHandling: 1 });
  await to.nothing();
  await to.subscribe("retained/#", { retainHandling: 0 });
  expect(await to.texts(2)).toEqual(["a", "b"]);
});

test("MC4 3.3.1-12 3.3.1-13 live messages have the retain flag that the subscription asks for", async () => {
  const from = await node.join();
  for (const retainAsPublished of [false, true]) {
    const to = await node.join();
    await to.subscribe("flag/a", { retainAsPublished, retainHandling: 2 });
    for (const retain of [true, false]) {
      from.publish("flag/a", "x", { retain });
      expect((await to.receive()).retain).toBe(retain && retainAsPublished);
    }
  }
});

test("MC4 4.7.3-4 topics are compared as they are", async () => {
  const [from, to] = [await node.join(), await node.join()];
  await to.subscribe(["norm/é", "norm/A"]);
  for (const topic of ["norm/e\u0301", "norm/a", "norm/A", "norm/é"]) from.publish(topic, topic);
  expect(await to.texts(2)).toEqual(["norm/A", "norm/é"]);
  await to.nothing();
});

test("MC4 4.6.0-5 4.6.0-6 messages of a client come in their order at every QoS", async () => {
  const numbers = Array.from({ length: 50 }, (_, i) => String(i));
  for (const qos of [0, 1, 2] as const) {
    const [from, to] = [await node.join(), await node.join()];
    await to.subscribe("order/a", { qos });
    for (const text of numbers) from.publish("order/a", text, { qos });
    // None is acknowledged: the window has room for all.
    const came = () => to.waiting.filter((packet) => packet.type === "publish");
    while (came().length < numbers.length) await to.change();
    expect(came().map(textOf)).toEqual(numbers);
  }
});
