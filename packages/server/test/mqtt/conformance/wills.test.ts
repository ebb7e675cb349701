import { expect, test } from "bun:test";
import { textOf } from "../support/client.ts";
import { DataDir, startMqtt } from "../support/node.ts";
import { until } from "../../support/until.ts";

const node = await startMqtt();

test("MC4 3.1.2-7 3.1.2-14 a will is published when its client is lost, and not retained", async () => {
  const watcher = await node.join();
  await watcher.subscribe("will/plain", { qos: 2, retainAsPublished: true });
  const client = await node.join({ will: { topic: "will/plain", qos: 1 } });
  await watcher.nothing();
  client.cut();
  expect(await watcher.receive()).toMatchObject({ topic: "will/plain", qos: 1, retain: false });
  const later = await node.join();
  await later.subscribe("will/plain");
  await later.nothing();
});

test("MC4 3.1.2-15 a will with retain is retained", async () => {
  const watcher = await node.join();
  await watcher.subscribe("will/kept", { retainAsPublished: true });
  (await node.join({ will: { topic: "will/kept", retain: true } })).cut();
  expect((await watcher.receive()).retain).toBe(true);
  const later = await node.join();
  await later.subscribe("will/kept");
  expect(await later.receive()).toMatchObject({ topic: "will/kept", retain: true });
});

test("MC4 3.1.2-10 3.14.4-3 a DISCONNECT without a reason drops the will, one that asks for it publishes it, once", async () => {
  const watcher = await node.join();
  await watcher.subscribe("will/bye/#");
  for (const [code, topic] of [
    [0, "will/bye/no"],
    [4, "will/bye/yes"],
  ] as const) {
    const client = await node.join({ will: { topic } });
    client.disconnect(code);
    await client.end();
  }
  expect((await watcher.receive()).topic).toBe("will/bye/yes");
  await watcher.nothing();
});

test("MC4 3.1.3-9 who is back before the delay is over takes the will back", async () => {
  const watcher = await node.join();
  await watcher.subscribe("will/late/#");
  const wishes = { clientId: "conf-late", cleanStart: false, properties: { sessionExpiryInterval: 60 } };
  const will = { topic: "will/late/a", properties: { willDelayInterval: 30 } };
  (await node.join({ ...wishes, will })).cut();
  await node.join(wishes);
  expect(node.context.wills.size).toBe(0);
  await watcher.nothing();
});

test("MC4 3.1.2-8 a session that ends publishes the will that waits", async () => {
  const watcher = await node.join();
  await watcher.subscribe("will/over");
  const properties = { sessionExpiryInterval: 60 };
  const will = { topic: "will/over", properties: { willDelayInterval: 30 } };
  (await node.join({ clientId: "conf-over", properties, will })).cut();
  await node.join({ clientId: "conf-over", cleanStart: true });
  expect(textOf(await watcher.receive())).toBe("gone");
});

test("MC3 user properties of a will are handed on in their order", async () => {
  const watcher = await node.join();
  await watcher.subscribe("will/named");
  const userProperties = [
    ["b", "1"],
    ["2", "x"],
    ["a", "2"],
    ["b", "3"],
  ] as const;
  (await node.join({ will: { topic: "will/named", properties: { userProperties } } })).cut();
  expect((await watcher.receive()).properties?.userProperties).toEqual(userProperties as never);
});

test("MC4 3.1.2-8 a server that stops publishes the wills of its clients, those that wait for their delay too", async () => {
  await using dir = await DataDir.make();
  const first = await dir.start();
  await first.join({ will: { topic: "stop/here", retain: true } });
  const will = { topic: "stop/away", retain: true, properties: { willDelayInterval: 30 } };
  const away = await first.join({ clientId: "conf-stop", properties: { sessionExpiryInterval: 60 }, will });
  away.cut();
  await until(() => first.context.wills.size === 1);
  const client = await (await dir.start()).join();
  await client.subscribe("stop/+");
  const topics = [(await client.receive()).topic, (await client.receive()).topic];
  expect(topics.toSorted()).toEqual(["stop/away", "stop/here"]);
});
