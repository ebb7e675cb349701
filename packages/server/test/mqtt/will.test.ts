import { beforeAll, describe, expect, test } from "bun:test";
import type { MqttProperties } from "@tidegate/protocol/mqtt";
import { readNote, writeNote } from "../../src/transport/mqtt/note.ts";
import { type MqttTestClient, textOf } from "./support/client.ts";
import { DataDir, durable, type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";
import { until } from "../support/until.ts";

let node: MqttNode;
beforeAll(async () => {
  node = await startMqtt();
});

async function watcher(topic: string): Promise<MqttTestClient> {
  const client = await node.join();
  await client.subscribe(topic, { qos: 2, retainAsPublished: true });
  return client;
}

/** Everything that was published before has come: the next one is a mark of this. */
async function nothingOn(client: MqttTestClient, topic: string): Promise<void> {
  const writer = await node.join();
  await writer.deliver(topic, "mark", { qos: 1 });
  expect(await client.texts(1)).toEqual(["mark"]);
}

describe("the will", () => {
  for (const version of VERSIONS) {
    test(`M90 version ${version}: it is published when the connection breaks, with its QoS and RETAIN`, async () => {
      for (const qos of [0, 1, 2] as const) {
        const topic = `will/${version}/${qos}`;
        const seer = await watcher(topic);
        const client = await node.join({ will: { topic, qos, retain: true } }, version);
        client.cut();
        const packet = await seer.receive();
        expect(packet).toMatchObject({ qos, retain: true });
        expect(textOf(packet)).toBe("gone");
      }
    });

    test(`M91 version ${version}: DISCONNECT drops it`, async () => {
      const topic = `will/dropped/${version}`;
      const seer = await watcher(topic);
      const client = await node.join({ will: { topic } }, version);
      client.disconnect();
      await client.end();
      await nothingOn(seer, topic);
    });

    test(`M90 version ${version}: it is published when the server ends the connection for a fault`, async () => {
      const topic = `will/fault/${version}`;
      const seer = await watcher(topic);
      const client = await node.join({ will: { topic } }, version);
      client.bytes(Uint8Array.of(0x36, 4, 0, 1, 97, 0));
      expect(await seer.texts(1)).toEqual(["gone"]);
    });

    test(`M92 version ${version}: it is published when another connection takes over`, async () => {
      const topic = `will/over/${version}`;
      const seer = await watcher(topic);
      await node.join({ clientId: `over-${version}`, will: { topic } }, version);
      await node.join({ clientId: `over-${version}` }, version);
      expect(await seer.texts(1)).toEqual(["gone"]);
    });
  }

  test("M91 DISCONNECT with 0x04 publishes it, and so does one with an error", async () => {
    const seer = await watcher("will/with");
    for (const code of [0x04, 0x80]) {
      const client = await node.join({ will: { topic: "will/with" } });
      client.disconnect(code);
      expect(await seer.texts(1)).toEqual(["gone"]);
    }
  });

  test("M93 its properties are those of the message", async () => {
    const seer = await watcher("will/p");
    const properties: MqttProperties = {
      contentType: "text/plain",
      responseTopic: "answers",
      correlationData: Uint8Array.of(0, 255),
      payloadFormatIndicator: 1,
      messageExpiryInterval: 60,
      userProperties: [["a", "1"]],
    };
    const client = await node.join({ will: { topic: "will/p", properties } });
    client.cut();
    expect((await seer.receive()).properties).toEqual({
      ...properties,
      correlationData: Buffer.from([0, 255]),
    });
  });

  test("M90 keep alive: who is silent for one and a half times as long is gone", async () => {
    const seer = await watcher("will/silent");
    const client = await node.join({ keepAlive: 1, will: { topic: "will/silent" } });
    expect(await seer.texts(1)).toEqual(["gone"]);
    expect(await client.farewell()).toBe(0x8d);
  });
});

describe("the will's delay", () => {
  const delayed = (topic: string, delay: number, expiry: number) => ({
    cleanStart: false,
    will: { topic, properties: { willDelayInterval: delay } },
    properties: { sessionExpiryInterval: expiry },
  });

  test("M94 it is published when the delay is over", async () => {
    const seer = await watcher("will/d");
    const client = await node.join({ clientId: "d", ...delayed("will/d", 1, 60) });
    const before = Date.now();
    client.cut();
    expect(await seer.texts(1)).toEqual(["gone"]);
    expect(Date.now() - before).toBeGreaterThanOrEqual(990);
  });

  test("M94 or when the session ends, if that is earlier", async () => {
    const seer = await watcher("will/e");
    const client = await node.join({ clientId: "e", ...delayed("will/e", 3600, 0) });
    client.cut();
    expect(await seer.texts(1)).toEqual(["gone"]);
    const kept = await node.join({ clientId: "f", ...delayed("will/e", 3600, 3600) });
    kept.cut();
    await until(() => node.context.wills.size === 1);
    const fresh = await node.join({ clientId: "f", cleanStart: true });
    expect(await seer.texts(1)).toEqual(["gone"]);
    fresh.cut();
  });

  test("M94 or never, if the client comes back before", async () => {
    const seer = await watcher("will/b");
    const client = await node.join({ clientId: "b", ...delayed("will/b", 3600, 3600) });
    client.cut();
    await until(() => node.context.wills.size === 1);
    const again = await node.join({ clientId: "b", cleanStart: false, properties: { sessionExpiryInterval: 3600 } });
    expect(node.context.wills.size).toBe(0);
    again.disconnect(0, { sessionExpiryInterval: 0 });
    await again.end();
    await nothingOn(seer, "will/b");
  });

  test("M163 it is published as the store has it, when the session ends and when the server stops", async () => {
    await using dir = await DataDir.make();
    const server = await dir.start();
    const seer = await server.join(durable("seer", 5));
    await seer.subscribe("will/s", { qos: 1 });
    for (const id of ["new", "stop"]) (await server.join({ clientId: id, ...delayed("will/s", 3600, 3600) })).cut();
    await until(() => server.context.wills.size === 2 && server.context.roster.size === 1);
    const { store, roster } = server.context;
    for (const id of ["new", "stop"]) {
      await roster.whenLeft(`\n${id}`);
      const { expiry, will } = readNote((await store.load(`\n${id}`))?.note);
      const payload = Buffer.from(`stored: ${id}`).toString("base64");
      const note = writeNote({ expiry, will: { ...will!, qos: 1, payload } });
      await store.write(`\n${id}`, [{ kind: "note", text: note }]);
    }
    await server.join({ clientId: "new", cleanStart: true });
    expect(await seer.texts(1)).toEqual(["stored: new"]);
    seer.cut();
    const again = await dir.start();
    const back = await again.join(durable("seer", 5));
    // The first one was not acknowledged.
    expect(await back.texts(2)).toEqual(["stored: new", "stored: stop"]);
    await back.nothing();
  });

  test("M92 a will that waits is not published when its client takes over itself", async () => {
    const seer = await watcher("will/t");
    const wishes = { clientId: "t", ...delayed("will/t", 3600, 3600) };
    await node.join(wishes);
    const second = await node.join(wishes);
    await nothingOn(seer, "will/t");
    second.disconnect();
    await second.end();
    expect(node.context.wills.size).toBe(0);
  });
});

describe("a server that was killed", () => {
  test("M153 the wills of sessions that are kept are published when it is started again, and their time begins then", async () => {
    await using dir = await DataDir.make();
    const server = await dir.start();
    const will = { topic: "killed/will", qos: 1, retain: true } as const;
    const client = await server.join({ ...durable("killed", 5), will });
    const stored = await server.context.store.load("\nkilled");
    expect(stored?.owner).toBe(server.gateway.services.nodeId);
    client.disconnect();
    await until(() => server.context.roster.isFree("\nkilled"));
    // As a kill would have left it.
    await server.context.store.write("\nkilled", [
      { kind: "owner", owner: stored?.owner },
      { kind: "note", text: stored?.note },
    ]);
    const again = await dir.start();
    const seer = await again.join();
    await seer.subscribe("killed/will");
    expect(textOf(await seer.take("publish"))).toBe("gone");
    let left = await again.context.store.load("\nkilled");
    while (left?.owner !== undefined) left = await again.context.store.load("\nkilled");
    expect(left?.expires).toBeLessThanOrEqual(Date.now() + 3_600_000);
    expect((await again.join(durable("killed", 5))).hasEnded).toBe(false);
    await seer.nothing();
  });
});
