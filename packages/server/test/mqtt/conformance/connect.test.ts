import { expect, test } from "bun:test";
import { durable, startMqtt } from "../support/node.ts";
import { SECRET, tokenOf } from "../../support/gateway.ts";

const node = await startMqtt();

test("MC4 3.1.4-5 3.2.0-1 3.2.0-2 one CONNACK comes, and comes first", async () => {
  const client = await node.open();
  client.sendConnect();
  client.sendSubscribe("connect/a");
  expect((await client.take("connack")).code).toBe(0);
  await client.take("suback");
  await client.nothing();
});

test("MC4 3.1.2-4 3.1.2-5 3.1.2-6 3.1.2-23 3.1.3-2 3.1.4-4 3.2.2-2 3.2.2-3 4.1.0-1 sessions are found again, or thrown away", async () => {
  const publisher = await node.join();
  const connect = async (clientId: string, cleanStart: boolean) => {
    const client = await node.open();
    return { client, present: (await client.connect(durable(clientId, 5, cleanStart))).sessionPresent };
  };
  const first = await connect("conf-s", false);
  expect(first.present).toBe(false);
  await first.client.subscribe("session/a", { qos: 1 });
  first.client.disconnect();
  await first.client.end();
  const other = await connect("conf-other", false);
  expect(other.present).toBe(false);
  const second = await connect("conf-s", false);
  expect(second.present).toBe(true);
  await publisher.deliver("session/a", "kept", { qos: 1 });
  expect(await second.client.texts(1)).toEqual(["kept"]);
  await other.client.nothing();
  const third = await connect("conf-s", true);
  expect(third.present).toBe(false);
  await publisher.deliver("session/a", "thrown away", { qos: 1 });
  await third.client.nothing();
});

test("MC4 4.1.0-2 a session that ends with its connection is gone after it", async () => {
  const client = await node.join({ clientId: "conf-end", cleanStart: false });
  await client.subscribe("end/a", { qos: 1 });
  client.cut();
  const next = await node.open();
  expect((await next.connect({ clientId: "conf-end", cleanStart: false })).sessionPresent).toBe(false);
});

test("MC4 3.1.3-5 client identifiers of 1 to 23 letters and digits are taken", async () => {
  for (const clientId of ["a", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ"])
    await (await node.join({ clientId })).nothing();
});

test("MC4 3.1.3-6 3.1.3-7 3.2.2-16 a client without an identifier is told the one that it gets", async () => {
  const given = new Set<string | undefined>();
  for (let i = 0; i < 3; i++) {
    const { properties } = await (await node.open()).connect();
    given.add(properties?.assignedClientIdentifier);
  }
  expect(given.size).toBe(3);
  expect(given.has(undefined)).toBe(false);
});

test("MC4 3.1.3-8 3.2.2-7 3.14.0-1 an identifier that is refused ends the connection, after CONNACK alone", async () => {
  const client = await node.open();
  const answer = await client.connect({ clientId: "x".repeat(2000) });
  expect(answer).toMatchObject({ code: 0x85, sessionPresent: false });
  await client.end();
});

test("MC4 3.1.4-2 3.1.4-6 what comes after a refused CONNECT is not worked off", async () => {
  const closed = await startMqtt({ env: { AUTH_JWT_SECRET: SECRET } });
  const inside = await closed.join({ username: "ann", password: await tokenOf("ann") });
  await inside.subscribe("refused/a");
  const client = await closed.open();
  client.sendConnect({ username: "ann", password: "wrong" });
  client.publish("refused/a", "x", { qos: 1 });
  expect((await client.take("connack")).code).toBe(0x86);
  await client.end();
  await inside.nothing();
});

test("MC4 3.1.4-3 the older of two connections with one identifier is told so and closed", async () => {
  const older = await node.join({ clientId: "conf-twice" });
  const newer = await node.join({ clientId: "conf-twice" });
  expect(await older.farewell()).toBe(0x8e);
  await newer.nothing();
});

test("MC4 3.1.2-28 no response information, whether it is asked for or not", async () => {
  for (const requestResponseInformation of [false, true]) {
    const { properties } = await (await node.open()).connect({ properties: { requestResponseInformation } });
    expect(properties?.responseInformation).toBeUndefined();
  }
});

test("MC4 3.1.2-29 reason strings in acknowledgements are for those who want them", async () => {
  for (const requestProblemInformation of [true, false]) {
    const client = await node.join({ properties: { requestProblemInformation } });
    client.publish("$SYS/no", "x", { qos: 1 });
    const { code, properties } = await client.take("puback");
    expect(code).toBe(0x87);
    expect(properties?.reasonString !== undefined).toBe(requestProblemInformation);
    client.publish("$SYS/no", "x", { qos: 2 });
    expect((await client.take("pubrec")).properties?.reasonString !== undefined).toBe(requestProblemInformation);
  }
});

test("MC4 4.12.0-1 4.12.0-4 an authentication method is refused", async () => {
  const client = await node.open();
  expect((await client.connect({ properties: { authenticationMethod: "SCRAM-SHA-1" } })).code).toBe(0x8c);
  await client.end();
});

test("MC4 4.12.0-6 4.12.0-7 without a method CONNACK has none, and AUTH from the client ends the connection", async () => {
  const client = await node.open();
  expect((await client.connect()).properties?.authenticationMethod).toBeUndefined();
  client.send({ type: "auth", code: 0x19, properties: { authenticationMethod: "x" } });
  expect(await client.farewell()).toBe(0x82);
});

test("MC4 3.12.4-1 PINGREQ is answered", async () => {
  const client = await node.join();
  client.send({ type: "pingreq" });
  await client.take("pingresp");
});

test("MC4 3.14.4-1 3.14.4-2 4.13.2-1 after an error there is a DISCONNECT, the end, and nothing between", async () => {
  const client = await node.join();
  await client.subscribe("error/a", { qos: 1 });
  client.publish("error/a", "x", { qos: 0 });
  client.bytes(Uint8Array.of(0x82, 0x00));
  client.publish("error/a", "y", { qos: 0 });
  while (!client.hasEnded) await client.change();
  expect(client.waiting.map(({ type }) => type).filter((type) => type !== "publish")).toEqual(["disconnect"]);
  expect(client.waiting.at(-1)).toMatchObject({ type: "disconnect", code: 0x81 });
});

test("MC4 3.1.2-22 3.2.2-22 a client that is silent for one and a half of its keep alives is closed", async () => {
  const client = await node.open();
  const { properties } = await client.connect({ keepAlive: 1 });
  const began = performance.now();
  expect(properties?.serverKeepAlive).toBeUndefined();
  expect(await client.farewell()).toBe(0x8d);
  expect(performance.now() - began).toBeGreaterThan(1490);
});

test("MC4 3.1.2-24 a client that takes no packet as large as CONNACK is closed without one", async () => {
  const client = await node.open();
  client.sendConnect({ clientId: "conf-tiny", properties: { maximumPacketSize: 5 } });
  await client.end();
  await (await node.join({ clientId: "conf-tiny" })).nothing();
});
