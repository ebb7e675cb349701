import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { JsonClient } from "../../e2e/json-client.ts";
import { NATS } from "../../log/nats/fixture.ts";
import type { MqttTestClient } from "../../mqtt/support/client.ts";
import { dataOf, mqtt, SharedBench, webSocket } from "./cluster.ts";

const bench = new SharedBench();
beforeAll(bench.start);
afterAll(bench.remove);

function publish(client: JsonClient, topic: string, data: string): Promise<unknown> {
  return client.ask({ publish: { topic, data } });
}

/** Four messages, each acknowledged when it came. */
async function taken(thing: MqttTestClient): Promise<readonly unknown[]> {
  const texts: unknown[] = [];
  while (texts.length < 4) {
    const { payload, packetId } = await thing.take("publish");
    texts.push(JSON.parse(Buffer.from(payload).toString()));
    thing.ack("puback", packetId ?? 0);
  }
  return texts;
}

describe.skipIf(NATS === undefined)("a live message that got lost between servers of NATS", () => {
  test("D48 comes with the next one of its topic, also to who has newer ones of other topics, with and without window and by MQTT", async () => {
    const cluster = bench.name();
    const [one, two] = [await bench.gateway(cluster), await bench.gateway(cluster)];
    const [sender, exact, wild, windowed] = await Promise.all(
      [one, two, two, two].map((gateway) => webSocket(gateway)),
    );
    const [full, narrow] = [await mqtt(two), await mqtt(two, { properties: { receiveMaximum: 1 } })];
    await exact!.ask({ subscribe: { topic: "chat/a" } });
    await wild!.ask({ subscribe: { topic: "chat/+" } });
    await windowed!.ask({ subscribe: { topic: "chat/#", window: 10 } });
    for (const thing of [full, narrow]) await thing.subscribe("chat/#", { qos: 1 });
    await publish(sender!, "chat/a", "a1");
    await bench.nats.withoutRepublish(`${cluster}-process`, async () => void (await publish(sender!, "chat/a", "a2")));
    await publish(sender!, "chat/b", "b1");
    await wild!.until(() => wild!.messages().length === 2);
    await publish(sender!, "chat/a", "a3");
    await Promise.all([wild!, windowed!].map((client) => client.until(() => client.messages().length === 4)));
    for (const client of [wild!, windowed!]) expect(dataOf(client)).toEqual(["a1", "b1", "a2", "a3"]);
    expect(windowed!.messages().map(({ redelivered }) => redelivered === true)).toEqual([false, false, true, false]);
    await exact!.until(() => exact!.messages().length === 3);
    expect(dataOf(exact!)).toEqual(["a1", "a2", "a3"]);
    expect(await taken(full)).toEqual(["a1", "b1", "a2", "a3"]);
    // It had no room for what came live, and reads it from the log.
    expect(await taken(narrow)).toEqual(["a1", "a2", "b1", "a3"]);
  });
});
