import { expect, test } from "bun:test";
import { textOf } from "../support/client.ts";
import { durable, startMqtt } from "../support/node.ts";

const node = await startMqtt();

test("MC4 2.2.1-5 3.3.4-1 4.3.2-4 4.3.3-8 4.3.3-11 a PUBLISH is answered as its QoS says, under its identifier", async () => {
  const client = await node.join();
  client.publish("in/a", "0");
  client.publish("in/a", "1", { qos: 1, packetId: 65_535 });
  expect(await client.take("puback")).toMatchObject({ packetId: 65_535, code: 0 });
  client.publish("in/a", "2", { qos: 2, packetId: 7 });
  expect(await client.take("pubrec")).toMatchObject({ packetId: 7, code: 0 });
  client.ack("pubrel", 7);
  expect(await client.take("pubcomp")).toMatchObject({ packetId: 7, code: 0 });
  await client.nothing();
});

test("MC4 4.3.2-5 after PUBACK the identifier stands for a new message, whatever DUP says", async () => {
  const [from, to] = [await node.join(), await node.join()];
  await to.subscribe("again/1");
  for (const dup of [false, true]) {
    from.publish("again/1", "x", { qos: 1, packetId: 5, dup });
    await from.take("puback");
  }
  expect(await to.texts(2)).toEqual(["x", "x"]);
});

test("MC4 4.3.3-10 4.3.3-12 until PUBREL the identifier stands for one message, after PUBCOMP for a new one", async () => {
  // What the log remembers of message ids plays no part.
  const forgetful = await startMqtt({ env: { NAMESPACE_DEFAULTS_MESSAGE_ID_WINDOW: "0" } });
  const [from, to] = [await forgetful.join(), await forgetful.join()];
  await to.subscribe("again/2");
  for (const dup of [false, true]) {
    from.publish("again/2", "first", { qos: 2, packetId: 5, dup });
    await from.take("pubrec");
  }
  from.ack("pubrel", 5);
  await from.take("pubcomp");
  await from.deliver("again/2", "second", { qos: 2, packetId: 5 });
  expect(await to.texts(2)).toEqual(["first", "second"]);
  await to.nothing();
});

test("MC4 4.3.3-9 after a refusing PUBREC the identifier stands for a new message", async () => {
  const [from, to] = [await node.join(), await node.join()];
  await to.subscribe("again/3");
  from.publish("$SYS/no", "x", { qos: 2, packetId: 5 });
  expect((await from.take("pubrec")).code).toBe(0x87);
  await from.deliver("again/3", "taken", { qos: 2, packetId: 5 });
  expect(await to.texts(1)).toEqual(["taken"]);
});

test("MC4 4.3.3-13 a message that expires at once is exchanged to the end", async () => {
  const from = await node.join();
  await from.deliver("expire/a", "x", { qos: 2, properties: { messageExpiryInterval: 0 } });
  await from.nothing();
});

test("MC4 2.2.1-4 3.3.1-3 4.3.1-1 4.3.2-1 4.3.2-2 4.3.3-1 4.3.3-2 new deliveries have identifiers of their own and no DUP", async () => {
  const [from, to] = [await node.join(), await node.join()];
  await to.subscribe("out/#", { qos: 2 });
  const ids: number[] = [];
  for (const qos of [1, 2, 1, 2] as const) {
    from.publish("out/a", "x", { qos, dup: true });
    const delivery = await to.take("publish");
    expect(delivery).toMatchObject({ qos, dup: false });
    ids.push(delivery.packetId ?? 0);
  }
  expect(new Set(ids).size).toBe(4);
  expect(ids).not.toContain(0);
  from.publish("out/a", "x");
  expect(await to.take("publish")).toMatchObject({ qos: 0, dup: false, packetId: undefined });
});

test("MC4 2.2.1-5 4.3.3-4 PUBREC is answered with PUBREL, under the same identifier", async () => {
  const [from, to] = [await node.join(), await node.join()];
  await to.subscribe("out2/a", { qos: 2 });
  from.publish("out2/a", "x", { qos: 2 });
  const { packetId } = await to.take("publish");
  to.ack("pubrec", packetId!);
  expect(await to.take("pubrel")).toMatchObject({ packetId, code: 0 });
  to.ack("pubcomp", packetId!);
  await to.nothing();
});

test("MC4 3.3.1-1 4.3.2-3 4.3.3-3 4.3.3-5 4.3.3-6 4.4.0-1 what is not acknowledged comes again on the next connection, and only there", async () => {
  const from = await node.join();
  const to = await node.join(durable("conf-again", 5));
  await to.subscribe("unacked/#", { qos: 2 });
  await from.deliver("unacked/1", "one", { qos: 1 });
  await from.deliver("unacked/2", "two", { qos: 2 });
  await from.deliver("unacked/3", "three", { qos: 2 });
  const [one, two, three] = [await to.take("publish"), await to.take("publish"), await to.take("publish")];
  to.ack("pubrec", three.packetId!);
  await to.take("pubrel");
  await to.nothing();
  to.cut();
  const back = await node.open();
  expect((await back.connect(durable("conf-again", 5))).sessionPresent).toBe(true);
  // Order holds for messages of the same topic and QoS: of these no two are.
  while (back.waiting.length < 3) await back.change();
  const again = [one, two].map(({ packetId, qos, payload }) => ({
    type: "publish",
    packetId,
    qos,
    payload,
    dup: true,
  }));
  for (const expected of [...again, { type: "pubrel", packetId: three.packetId }])
    expect(back.waiting).toContainEqual(expect.objectContaining(expected as never));
  back.send({ type: "pingreq" });
  while (back.waiting.length < 4) await back.change();
  expect(back.waiting.at(-1)).toEqual({ type: "pingresp" });
});

test("MC4 4.4.0-2 what the client refused is not sent again", async () => {
  const from = await node.join();
  const to = await node.join(durable("conf-no", 5));
  await to.subscribe("refused/#", { qos: 2 });
  for (const [qos, answer] of [
    [1, "puback"],
    [2, "pubrec"],
  ] as const) {
    await from.deliver("refused/a", "x", { qos });
    to.ack(answer, (await to.take("publish")).packetId!, 0x83);
  }
  await to.nothing();
  to.cut();
  await (await node.join(durable("conf-no", 5))).nothing();
});

test("MC4 3.3.4-9 3.3.4-10 4.9.0-1 4.9.0-2 4.9.0-3 the receive maximum holds back PUBLISH at QoS 1 and 2, and nothing else", async () => {
  const from = await node.join();
  const to = await node.join({ properties: { receiveMaximum: 2 } });
  await to.subscribe("window/#", { qos: 2 });
  for (const text of ["1", "2", "3"]) await from.deliver("window/a", text, { qos: 1 });
  const first = await to.take("publish");
  await to.take("publish");
  await to.subscribe("window/b");
  await to.nothing();
  to.ack("puback", first.packetId!);
  expect(textOf(await to.take("publish"))).toBe("3");
});

test("MC4 4.9.0-2 a client that comes back with a smaller receive maximum is given no more than that", async () => {
  const from = await node.join();
  const to = await node.join(durable("conf-less", 5));
  await to.subscribe("less/a", { qos: 1 });
  for (const text of ["1", "2", "3"]) await from.deliver("less/a", text, { qos: 1 });
  for (let i = 0; i < 3; i++) await to.take("publish");
  to.cut();
  const back = await node.open();
  await back.connect({
    clientId: "conf-less",
    cleanStart: false,
    properties: { sessionExpiryInterval: 60, receiveMaximum: 1 },
  });
  for (const text of ["1", "2", "3"]) {
    const { packetId, payload } = await back.take("publish");
    expect(textOf({ payload })).toBe(text);
    await back.nothing();
    back.ack("puback", packetId!);
  }
});

test("MC4 3.3.4-7 a client that goes beyond the server's receive maximum is closed", async () => {
  const small = await startMqtt({ env: { MQTT_MAX_INFLIGHT: "2" } });
  const client = await small.open();
  expect((await client.connect()).properties?.receiveMaximum).toBe(2);
  for (let i = 0; i < 2; i++) {
    client.publish("much/a", "x", { qos: 2 });
    await client.take("pubrec");
  }
  client.publish("much/a", "x", { qos: 2 });
  expect(await client.farewell()).toBe(0x93);
});

test("MC4 4.5.0-1 messages for absent clients are kept for their sessions", async () => {
  const from = await node.join();
  const to = await node.join(durable("conf-away", 5));
  await to.subscribe("away/#", { qos: 1 });
  to.disconnect();
  await to.end();
  for (const text of ["1", "2"]) await from.deliver("away/a", text, { qos: 2 });
  expect(await (await node.join(durable("conf-away", 5))).texts(2)).toEqual(["1", "2"]);
});
