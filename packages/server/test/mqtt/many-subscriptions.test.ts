import { describe, expect, test } from "bun:test";
import { type MqttTestClient, textOf } from "./support/client.ts";
import { durable, type MqttNode, startMqtt } from "./support/node.ts";

/** Milliseconds: a hundred times what it takes, and a fraction of what it took when each subscription asked all others. */
const SOON = 1500;

const LEVELS = 10;
const TOPIC = Array.from({ length: LEVELS }, (_, i) => `level${i}`).join("/");

/** Filters that are all different and all name the topic. */
function filtersOfTopic(count: number): readonly string[] {
  const wild = (filter: number, level: number): boolean => ((filter >> level) & 1) === 1;
  return Array.from({ length: count }, (_, filter) =>
    Array.from({ length: LEVELS }, (_each, level) => (wild(filter, level) ? "+" : `level${level}`)).join("/"),
  );
}

async function receiveAll(client: MqttTestClient, count: number): Promise<readonly string[]> {
  const texts: string[] = [];
  while (texts.length < count) texts.push(textOf(await client.receive()));
  return texts;
}

/** How often the log of the topic is read, from now on. */
function countReads(node: MqttNode): { count: number } {
  const { log } = node.gateway.services.streamOf(TOPIC);
  const read = log.read.bind(log);
  const reads = { count: 0 };
  log.read = (query) => {
    reads.count += 1;
    return read(query);
  };
  return reads;
}

describe("many subscriptions of one client", () => {
  for (const qos of [0, 1, 2] as const)
    test(`M119 1,000 filters that name one topic at QoS ${qos} hold up nobody`, async () => {
      const node = await startMqtt();
      const [reader, writer] = [await node.join(), await node.join()];
      await reader.subscribe(filtersOfTopic(1000), { qos });
      const begin = performance.now();
      const sent = Array.from({ length: 20 }, (_, i) => String(i));
      for (const text of sent) writer.publish(TOPIC, text, { qos: 1 });
      expect(await receiveAll(reader, sent.length)).toEqual(sent);
      await reader.nothing();
      expect(performance.now() - begin).toBeLessThan(SOON);
    });

  for (const wishes of [{}, durable("many", 5)])
    test(`M159 one SUBSCRIBE is granted 1,000 filters, and no number holds up anybody: ${JSON.stringify(wishes)}`, async () => {
      const node = await startMqtt();
      const client = await node.join(wishes);
      const wild = Array.from({ length: 999 }, (_, i) => `wild${i}/+`);
      expect((await client.subscribe(wild, { qos: 1 })).codes).toEqual(wild.map(() => 1));
      const begin = performance.now();
      for (const qos of [0, 1] as const) {
        const same = Array.from({ length: 100_000 }, () => "same");
        const { codes } = await client.subscribe(same, { qos });
        expect(codes.map((code) => code === qos)).toEqual(same.map((_, i) => i < 1000));
        expect(codes.at(-1)).toBe(0x97);
      }
      const unknown = Array.from({ length: 100_000 }, (_, i) => `${i}`);
      const codes = await client.unsubscribe(...unknown, "same", "same");
      expect(codes).toEqual([...unknown.map(() => 0x11), 0, 0x11]);
      expect(performance.now() - begin).toBeLessThan(SOON);
    });

  for (const receiveMaximum of [1, 20])
    test(`M119 who comes back reads what it missed a few times for each filter, not for each acknowledgement: room for ${receiveMaximum}`, async () => {
      const [filters, missed] = [100, 600];
      const node = await startMqtt();
      const wishes = durable("away", 5);
      const before = await node.join(wishes);
      await before.subscribe(filtersOfTopic(filters), { qos: 1 });
      before.disconnect();
      await before.end();
      const writer = await node.join();
      const sent = Array.from({ length: missed }, (_, i) => String(i));
      for (const text of sent) await writer.deliver(TOPIC, text, { qos: 1 });
      const reads = countReads(node);
      const reader = await node.join({ ...wishes, properties: { ...wishes.properties, receiveMaximum } });
      expect(await receiveAll(reader, missed)).toEqual(sent);
      await reader.nothing();
      // One of the subscriptions delivers all of them.
      expect(reads.count).toBeLessThan(missed + 20 * filters);
    });
});
