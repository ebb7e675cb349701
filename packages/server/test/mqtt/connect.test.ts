import { beforeAll, describe, expect, test } from "bun:test";
import { encodePacket } from "@tidegate/protocol/mqtt";
import { inspect } from "../../src/session/sweeper.ts";
import { connectPacket } from "./support/client.ts";
import { type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";
import { SECRET, tokenOf } from "../support/gateway.ts";
import { until } from "../support/until.ts";

let node: MqttNode;
beforeAll(async () => {
  node = await startMqtt();
});

describe("accepted", () => {
  for (const version of VERSIONS)
    test(`M1 M8 version ${version}: CONNECT is answered with CONNACK, and a PINGREQ with PINGRESP`, async () => {
      const client = await node.open(version);
      expect(await client.connect({ clientId: `plain-${version}` })).toMatchObject({ code: 0, sessionPresent: false });
      client.send({ type: "pingreq" });
      await client.take("pingresp");
      client.disconnect();
      await client.end();
    });

  test("M2 a 5.0 client without an id is told the one that it has; each has another", async () => {
    const [a, b] = [await node.open(), await node.open()];
    const ids = [await a.connect(), await b.connect()].map(({ properties }) => properties?.assignedClientIdentifier);
    expect(ids.every((id) => id !== undefined && id.length > 10)).toBe(true);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test("M2 a 3.1.1 client without an id has one with a clean session, and is refused with 2 without it", async () => {
    const client = await node.open(4);
    expect((await client.connect({ cleanStart: true })).code).toBe(0);
    const other = await node.open(4);
    expect((await other.connect({ cleanStart: false })).code).toBe(2);
    await other.end();
  });

  test("M3 CONNACK tells what the server bounds, and nothing that it need not", async () => {
    const client = await node.open();
    const { properties } = await client.connect({ clientId: "bounds", keepAlive: 30 });
    expect(properties).toEqual({ receiveMaximum: 100, maximumPacketSize: 1024 * 1024, topicAliasMaximum: 32 });
  });

  test("M3 a session that is kept for a shorter time than asked is told so", async () => {
    const client = await node.open();
    const { properties } = await client.connect({
      clientId: "long",
      properties: { sessionExpiryInterval: 0xffffffff },
    });
    expect(properties?.sessionExpiryInterval).toBe(7 * 86_400);
  });

  test("M8 packets that come before CONNACK is sent are answered after it, in their order", async () => {
    const client = await node.open();
    const pings = Array.from({ length: 3 }, () => encodePacket({ type: "pingreq" }, 5));
    client.bytes(Buffer.concat([encodePacket(connectPacket(5, { clientId: "eager" }), 5), ...pings]));
    await client.take("connack");
    for (let i = 0; i < 3; i++) await client.take("pingresp");
  });
});

describe("refused", () => {
  test("M4 a later version is refused with 0x84 in 5.0, an earlier one with 1 in 3.1.1", async () => {
    const later = await node.open(5);
    const bytes = encodePacket(connectPacket(5, { clientId: "later" }), 5);
    bytes[8] = 6;
    later.bytes(bytes);
    expect((await later.take("connack")).code).toBe(0x84);
    await later.end();
    const earlier = await node.open(4);
    const old = encodePacket(connectPacket(4, { clientId: "old" }), 4);
    old[8] = 3;
    earlier.bytes(old);
    expect((await earlier.take("connack")).code).toBe(1);
    await earlier.end();
  });

  test("M4 whoever does not begin with CONNECT, or speaks another protocol, is cut without an answer", async () => {
    for (const bytes of [
      encodePacket({ type: "pingreq" }, 5),
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.alloc(3),
    ]) {
      const client = await node.open();
      client.bytes(bytes);
      await client.end();
    }
    const client = await node.open(4);
    const bytes = encodePacket(connectPacket(4, { clientId: "other" }), 4);
    bytes.set(Buffer.from("MQTX"), 4);
    client.bytes(bytes);
    await client.end();
  });

  test("M5 a CONNECT with an authentication method is refused with 0x8C, AUTH without one ends with 0x82", async () => {
    const client = await node.open();
    expect((await client.connect({ properties: { authenticationMethod: "SCRAM-SHA-1" } })).code).toBe(0x8c);
    await client.end();
    const other = await node.join();
    other.send({ type: "auth", code: 0x19, properties: { authenticationMethod: "SCRAM-SHA-1" } });
    expect(await other.farewell()).toBe(0x82);
  });

  for (const version of VERSIONS)
    test(`M6 version ${version}: a second CONNECT ends the connection`, async () => {
      const client = await node.join({}, version);
      client.sendConnect({});
      expect(await client.farewell()).toBe(version === 5 ? 0x82 : undefined);
    });

  test("M6 a packet that only a server sends ends the connection with 0x82", async () => {
    const client = await node.join();
    client.send({ type: "pingresp" });
    expect(await client.farewell()).toBe(0x82);
  });

  test("M7 a malformed packet ends the connection with the reason code that the standard names", async () => {
    const faults: readonly [bytes: readonly number[], code: number][] = [
      [[0x36, 4, 0, 1, 97, 0], 0x81],
      [[0x31, 5, 0, 3, 97, 47, 35], 0x90],
      [[0x82, 6, 0, 1, 0, 0, 0, 0], 0x8f],
      [[0x82, 3, 0, 1, 0], 0x82],
      [[0x00, 0], 0x81],
      [[0x30, 0xff, 0xff, 0xff, 0x7f], 0x95],
      [[0x30, 0xff, 0xff, 0xff, 0xff, 0x7f], 0x81],
      [[0x40, 2, 0, 0], 0x82],
    ];
    for (const [bytes, code] of faults) {
      const client = await node.join();
      client.bytes(Uint8Array.from(bytes));
      expect([bytes, await client.farewell()]).toEqual([bytes, code]);
    }
  });

  test("M7 a malformed CONNECT is refused with the reason code, a reason string among it", async () => {
    const client = await node.open();
    const bytes = encodePacket(connectPacket(5, { clientId: "flags" }), 5);
    bytes[9]! |= 1;
    client.bytes(bytes);
    const { code, properties } = await client.take("connack");
    expect(code).toBe(0x81);
    expect(properties?.reasonString).toContain("CONNECT");
    await client.end();
  });

  test("M9 a client id of more than 1024 characters is refused with 0x85, and 2 in 3.1.1", async () => {
    for (const version of VERSIONS) {
      const client = await node.open(version);
      expect((await client.connect({ clientId: "x".repeat(1025) })).code).toBe(version === 5 ? 0x85 : 2);
      await client.end();
    }
  });

  test("M10 packets are not kept without bound while CONNECT waits", async () => {
    const slow = await startMqtt({ env: { WEBSOCKET_MAX_BUFFERED: "16KB" } });
    const { authenticator } = slow.gateway.services;
    const authenticate = authenticator.authenticate.bind(authenticator);
    const [asked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    authenticator.authenticate = async (token) => (asked.resolve(), await gate.promise, authenticate(token));
    const client = await slow.open();
    client.sendConnect({});
    await asked.promise;
    for (let i = 0; i < 5; i++) client.publish("a/b", Buffer.alloc(8192));
    await client.end();
    gate.resolve();
  });

  test("M11 who never sends CONNECT is cut after the connect timeout", async () => {
    const hasty = await startMqtt({ env: { CONNECTIONS_CONNECT_TIMEOUT: "1s" } });
    const client = await hasty.open();
    await client.end();
    await until(() => hasty.gateway.services.sessions.size === 0);
  });
});

describe("who it is", () => {
  let guarded: MqttNode;
  beforeAll(async () => {
    guarded = await startMqtt({ env: { AUTH_REQUIRED: "true", AUTH_JWT_SECRET: SECRET } });
  });

  test("M12 the password is a token: without one, or with a wrong one, the client is refused", async () => {
    for (const version of VERSIONS)
      for (const password of [undefined, "no token", await tokenOf("ann", { secret: `${SECRET} but another` })]) {
        const client = await guarded.open(version);
        const wishes = password === undefined ? {} : { password };
        expect((await client.connect(wishes)).code).toBe(version === 5 ? 0x86 : 4);
        await client.end();
      }
  });

  test("M12 with a good one it comes in, with the permissions of the token", async () => {
    const password = await tokenOf("ann", { publish: ["news/#"], subscribe: ["news/#"] });
    for (const version of VERSIONS) {
      const client = await guarded.join({ clientId: "same", password }, version);
      expect((await client.subscribe(["news/a", "other/a"])).codes).toEqual([0, version === 5 ? 0x87 : 0x80]);
      client.disconnect();
      await client.end();
    }
  });

  test("M13 a will to a topic that the client may not publish to, or that is none, is refused", async () => {
    const password = await tokenOf("ann", { publish: ["news/#"] });
    const client = await guarded.open();
    expect((await client.connect({ password, will: { topic: "other/a" } })).code).toBe(0x87);
    await client.end();
    const odd = await guarded.open();
    expect((await odd.connect({ password, will: { topic: "news/\u0007" } })).code).toBe(0x90);
    await odd.end();
  });

  test("M14 the same client id of two users are two clients", async () => {
    const ann = await guarded.join({ clientId: "phone", password: await tokenOf("ann") });
    const bob = await guarded.join({ clientId: "phone", password: await tokenOf("bob") });
    await ann.nothing();
    await bob.nothing();
  });

  test("M15 a user at the limit of connections may still take over one of its own", async () => {
    const limited = await startMqtt({ env: { AUTH_JWT_SECRET: SECRET, CONNECTIONS_PER_USER: "1" } });
    const password = await tokenOf("ann");
    const first = await limited.join({ clientId: "phone", password });
    const second = await limited.open();
    expect((await second.connect({ clientId: "phone", password })).code).toBe(0);
    expect(await first.farewell()).toBe(0x8e);
    const third = await limited.open();
    expect((await third.connect({ clientId: "tablet", password })).code).toBe(0x97);
  });

  test("M16 a token whose time is over ends the connection with 0x87, a revoked one with 0x98", async () => {
    const { gateway } = guarded;
    const client = await guarded.join({ clientId: "revoked", password: await tokenOf("eve") });
    gateway.services.revocations.revoke({ user: "eve" });
    expect(await client.farewell()).toBe(0x98);
    const late = await guarded.join({ clientId: "late", password: await tokenOf("ann", { expiresIn: 60_000 }) });
    const { session } = [...guarded.context.roster].find(({ clientId }) => clientId === "late")!;
    const { graceAfterExpiry } = gateway.services.limits;
    inspect(session, Date.now() + 58_000 + graceAfterExpiry);
    await late.nothing();
    inspect(session, Date.now() + 62_000 + graceAfterExpiry);
    expect(await late.farewell()).toBe(0x87);
  });
});
