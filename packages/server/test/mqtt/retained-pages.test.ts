import { describe, expect, test } from "bun:test";
import type { PublishPacket } from "@tidegate/protocol/mqtt";
import { until } from "../support/until.ts";
import { type MqttTestClient, textOf } from "./support/client.ts";
import { type MqttNode, startMqtt, VERSIONS } from "./support/node.ts";

/** Retained values of `lot/<number>`, each as long as `payload`. */
async function fill(node: MqttNode, count: number, payload: string): Promise<void> {
  const writer = await node.join({}, 4);
  for (let i = 0; i < count; i++) writer.publish(`lot/${i}`, payload, { retain: true, qos: 1 });
  for (let i = 0; i < count; i++) await writer.take("puback");
  writer.cut();
}

/** Topics of the retained values that came until there were so many. */
async function values(client: MqttTestClient, count: number): Promise<ReadonlySet<string>> {
  const topics = new Set<string>();
  while (topics.size < count) {
    const packet = await client.receive();
    expect(packet.retain).toBe(true);
    topics.add(packet.topic);
  }
  return topics;
}

/** Counts the pages that are read. */
function countPages(node: MqttNode): () => number {
  const { log } = node.gateway.services.streamOf("lot");
  const retainedPage = log.retainedPage.bind(log);
  let pages = 0;
  log.retainedPage = (query) => {
    pages += 1;
    return retainedPage(query);
  };
  return () => pages;
}

describe("many retained values", () => {
  for (const version of VERSIONS)
    test(`M73 version ${version}: a subscription is given every value, also more than 10,000`, async () => {
      const node = await startMqtt();
      await fill(node, 10_500, "x");
      for (const qos of [0, 1] as const) {
        const reader = await node.join({}, version);
        await reader.subscribe("lot/#", { qos });
        expect((await values(reader, 10_500)).size).toBe(10_500);
        await reader.nothing();
      }
    });

  for (const qos of [0, 1] as const)
    test(`M160 QoS ${qos}: of a client that does not read one page is in memory, however often it subscribes`, async () => {
      const node = await startMqtt({ env: { WEBSOCKET_MAX_BUFFERED: "64KB" } });
      await fill(node, 3000, "x".repeat(1000));
      const pages = countPages(node);
      const reader = await node.join();
      reader.wire.pause();
      const filters = Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? "#" : i % 3 === 1 ? "lot/+" : "lot/#"));
      for (const filter of filters) reader.sendSubscribe(filter, { qos });
      const [client] = node.context.roster;
      await until(() => client!.state.all.length === 3 && pages() > 0);
      const other = await node.join();
      for (let i = 0; i < 20; i++) await other.nothing();
      // What the kernel takes comes on top of what is read ahead.
      expect(pages()).toBeLessThan(20);
      reader.wire.resume();
      const last = { count: 0 };
      for (let came = 0; came < 3 * 3000; last.count = came) {
        const { type } = (await next(reader)) as { readonly type: string };
        if (type === "publish") came += 1;
      }
      expect(last.count).toBe(9000);
    });

  /** Whatever comes next, acknowledged. */
  async function next(client: MqttTestClient): Promise<unknown> {
    while (client.waiting.length === 0) await client.change();
    const [packet] = client.waiting;
    return packet!.type === "publish" ? client.receive() : client.take(packet!.type);
  }

  test("M160 values of a subscription that was ended do not come any more", async () => {
    const node = await startMqtt();
    await fill(node, 2000, "x");
    const reader = await node.join({ properties: { receiveMaximum: 10 } });
    await reader.subscribe("lot/#", { qos: 1 });
    const first: PublishPacket[] = [];
    while (first.length < 10) first.push(await reader.take("publish"));
    await reader.unsubscribe("lot/#");
    for (const { packetId } of first) reader.ack("puback", packetId!);
    await reader.nothing();
    await reader.subscribe("live", { qos: 1 });
    await (await node.join()).deliver("live", "on", { qos: 1 });
    expect(textOf(await reader.receive())).toBe("on");
  });

  test("M160 what is live waits for the values, at QoS 1 all of it", async () => {
    const node = await startMqtt();
    await fill(node, 2000, "old");
    const [reader, writer] = [await node.join({ properties: { receiveMaximum: 10 } }), await node.join()];
    await reader.subscribe("lot/#", { qos: 1 });
    for (let i = 0; i < 1500; i++) await writer.deliver(`lot/new-${i}`, String(i), { qos: 1 });
    expect((await values(reader, 2000)).size).toBe(2000);
    expect(await reader.texts(1500)).toEqual(Array.from({ length: 1500 }, (_, i) => String(i)));
    await reader.nothing();
  });
});
