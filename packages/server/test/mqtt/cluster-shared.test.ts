import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Gateway } from "../../src/gateway/gateway.ts";
import { mqtt, SharedBench } from "../gateway/shared-log/cluster.ts";
import { NATS } from "../log/nats/fixture.ts";
import { type MqttTestClient, textOf } from "./support/client.ts";
import { durable } from "./support/node.ts";
import { until } from "../support/until.ts";

const bench = new SharedBench();

/** Reads everything that comes, and acknowledges it. */
class Reader {
  readonly texts: string[] = [];
  readonly client: MqttTestClient;

  constructor(client: MqttTestClient) {
    this.client = client;
    void this.#read().catch(() => {});
  }

  async #read(): Promise<void> {
    for (;;) this.texts.push(textOf(await this.client.receive()));
  }
}

function all(readers: readonly Reader[]): readonly string[] {
  return readers.flatMap(({ texts }) => texts);
}

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `${n}`);

describe.skipIf(NATS === undefined)("shared subscriptions over several gateways", () => {
  let gateways: readonly Gateway[] = [];

  beforeAll(async () => {
    if (NATS === undefined) return;
    await bench.start();
    const cluster = bench.name();
    gateways = [await bench.gateway(cluster), await bench.gateway(cluster), await bench.gateway(cluster)];
    await until(() => gateways.every(({ cluster: { nodes } }) => nodes.all.length === 3));
  });
  afterAll(() => bench.remove());

  async function members(filter: string, qos: 0 | 1 | 2, count = 3): Promise<readonly Reader[]> {
    const clients = await Promise.all(Array.from({ length: count }, (_, n) => mqtt(gateways[n % 3]!)));
    await Promise.all(clients.map((client) => client.subscribe(filter, { qos })));
    return clients.map((client) => new Reader(client));
  }

  async function readerOn(gateway: number, filter: string, qos: 1 | 2 = 1): Promise<Reader> {
    const client = await mqtt(gateways[gateway]!);
    await client.subscribe(filter, { qos });
    return new Reader(client);
  }

  for (const qos of [0, 1, 2] as const)
    test(`M154 each message goes to one member in the cluster, QoS ${qos}, and every gateway has its part`, async () => {
      const readers = await members(`$share/g/each/${qos}/#`, qos, 6);
      const writers = await Promise.all(gateways.map((gateway) => mqtt(gateway)));
      const texts = numbers(300);
      await Promise.all(
        writers.map(async (writer, n) => {
          for (const text of texts.filter((_, i) => i % 3 === n))
            await writer.deliver(`each/${qos}/${Number(text) % 7}`, text, { qos: 1 });
        }),
      );
      await until(() => all(readers).length >= 300);
      await writers[0]!.deliver(`each/${qos}/0`, "300", { qos: 1 });
      await until(() => all(readers).includes("300"));
      expect(all(readers).toSorted((a, b) => Number(a) - Number(b))).toEqual([...texts, "300"]);
      for (const each of [0, 1, 2]) expect(all([readers[each]!, readers[each + 3]!]).length).toBeGreaterThan(30);
    });

  test("M154 a member that does not acknowledge holds no more than it takes, and the others go on", async () => {
    const stalled = await mqtt(gateways[0]!, { properties: { receiveMaximum: 2 } });
    await stalled.subscribe("$share/slow/pace/#", { qos: 1 });
    const readers = [await readerOn(1, "$share/slow/pace/#"), await readerOn(2, "$share/slow/pace/#")];
    const writer = await mqtt(gateways[0]!);
    for (const text of numbers(50)) await writer.deliver("pace/x", text, { qos: 1 });
    await until(() => all(readers).length >= 48);
    expect(stalled.waiting).toHaveLength(2);
    // What it leaves goes to another one, on whichever gateway, and nothing else comes again.
    stalled.cut();
    await until(() => all(readers).length >= 50);
    expect(all(readers).toSorted((a, b) => Number(a) - Number(b))).toEqual([...numbers(50)]);
  });

  test("M154 a message for a member whose room something else has taken goes to one on another gateway", async () => {
    const busy = await mqtt(gateways[0]!, { properties: { receiveMaximum: 1 } });
    await busy.subscribe("$share/busy/room/#", { qos: 1 });
    await busy.subscribe("mine", { qos: 1 });
    const writer = await mqtt(gateways[1]!);
    await writer.deliver("mine", "takes the room", { qos: 1 });
    await busy.take("publish");
    const reader = await readerOn(2, "$share/busy/room/#");
    for (const text of numbers(10)) await writer.deliver("room/x", text, { qos: 1 });
    await until(() => reader.texts.length === 10);
    expect(reader.texts.toSorted()).toEqual([...numbers(10)]);
    expect(busy.waiting).toEqual([]);
  });

  test("M155 while members with durable sessions are away the group keeps its place, for whoever comes first, where it comes", async () => {
    const first = await mqtt(gateways[0]!, durable("keeper", 5));
    await first.subscribe("$share/kept/place/#", { qos: 1 });
    const writer = await mqtt(gateways[1]!);
    await writer.deliver("place/x", "0", { qos: 1 });
    await first.take("publish");
    first.cut();
    for (const text of ["1", "2"]) await writer.deliver("place/x", text, { qos: 1 });
    const reader = await readerOn(2, "$share/kept/place/#");
    await until(() => reader.texts.length === 3);
    expect(reader.texts.toSorted()).toEqual(["0", "1", "2"]);
    reader.client.disconnect();
    await writer.deliver("place/x", "3", { qos: 1 });
    const again = await mqtt(gateways[1]!, durable("keeper", 5));
    expect(await again.texts(1)).toEqual(["3"]);
  });

  test("M155 a message of QoS 2 that was under way to a member is the member's, on whichever gateway it comes back", async () => {
    const first = await mqtt(gateways[0]!, durable("exact", 5));
    await first.subscribe("$share/exact/two/#", { qos: 2 });
    const writer = await mqtt(gateways[1]!);
    await writer.deliver("two/x", "m", { qos: 2 });
    const { packetId } = await first.take("publish");
    const other = await readerOn(2, "$share/exact/two/#", 2);
    const again = await mqtt(gateways[1]!, durable("exact", 5));
    expect(await again.take("publish")).toMatchObject({ packetId, dup: true });
    await writer.deliver("two/x", "n", { qos: 2 });
    await until(() => other.texts.length + again.waiting.length === 1);
    expect(other.texts).not.toContain("m");
  });

  test("M156 the place of a group is kept for as long as any member's session, and for a moment where they end with their connections", async () => {
    const kept = (): Promise<readonly number[]> =>
      bench.nats.consumers((config) =>
        (config.filter_subject ?? "").includes(".how-long.") ? (config.inactive_threshold ?? 0) / 1e9 : undefined,
      );
    const brief = await mqtt(gateways[0]!);
    await brief.subscribe("$share/any/how-long/#", { qos: 1 });
    expect(await kept()).toEqual([15]);
    const durably = await mqtt(gateways[1]!, durable("long", 5));
    await durably.subscribe("$share/any/how-long/#", { qos: 1 });
    await until(async () => (await kept())[0] === 3600);
    const other = await mqtt(gateways[2]!);
    await other.subscribe("$share/any/how-long/#", { qos: 1 });
    expect(await kept()).toEqual([3600]);
  });

  test("M156 a group whose consumer is lost goes on", async () => {
    const reader = await readerOn(0, "$share/lost/consumer/#");
    const writer = await mqtt(gateways[1]!);
    await writer.deliver("consumer/x", "before", { qos: 1 });
    await until(() => reader.texts.length === 1);
    await bench.nats.deleteConsumers((config) => (config.filter_subject ?? "").includes(".consumer."));
    await writer.deliver("consumer/x", "after", { qos: 1 });
    await until(() => reader.texts.length === 2);
    expect(reader.texts).toEqual(["before", "after"]);
  });
});
