import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { NATS } from "../../log/nats/fixture.ts";
import { ask, dataOf, mqtt, SharedBench, webSocket } from "./cluster.ts";

const bench = new SharedBench();
beforeAll(bench.start);
afterAll(bench.remove);

const ENV = { LOG_SHARDS: "4", NAMESPACES: JSON.stringify({ wide: { shards: 4 } }) };
const TOPICS = Array.from({ length: 12 }, (_, i) => `wide/${i}`);

describe.skipIf(NATS === undefined)("a log of several streams", () => {
  test("D60 D62 topics are spread over the streams; each keeps its positions, filters of a namespace in one stream too, others have none", async () => {
    const [one, two] = await bench.pair(ENV);
    expect(new Set(TOPICS.map((topic) => two.streams.of(topic))).size).toBe(4);
    const [sender, exact, wide, narrow] = [
      await webSocket(one),
      await webSocket(two),
      await webSocket(two),
      await webSocket(two),
    ];
    const states = await Promise.all(TOPICS.map((topic) => ask(exact, { subscribe: { topic } })));
    expect(new Set(states.map(({ subscribe }) => subscribe?.["epoch"])).size).toBe(4);
    expect((await ask(wide, { subscribe: { topic: "wide/#" } }))["subscribe"]).not.toHaveProperty("offset");
    expect(await ask(wide, { subscribe: { topic: "wide/+", retained: true } })).toMatchObject({
      error: { reason: "invalid_argument" },
    });
    expect((await ask(narrow, { subscribe: { topic: "narrow/#" } }))["subscribe"]).toHaveProperty("offset");
    for (const topic of [...TOPICS, ...TOPICS, "narrow/a", "narrow/b"])
      await ask(sender, { publish: { topic, data: topic } });
    await Promise.all([exact, wide].map((client) => client.until(() => client.messages().length >= 24)));
    await narrow.until(() => narrow.messages().length >= 2);
    expect(dataOf(narrow)).toEqual(["narrow/a", "narrow/b"]);
    for (const client of [exact, wide])
      for (const topic of TOPICS)
        expect(client.messages().filter((message) => message["topic"] === topic)).toHaveLength(2);
    const back = await webSocket(one);
    for (const [i, topic] of TOPICS.entries()) {
      const { epoch, offset } = states[i]!["subscribe"]!;
      const state = await ask(back, { subscribe: { topic, since: { epoch, offset } } });
      expect(state["subscribe"]).toMatchObject({ recovered: true });
    }
    await back.until(() => back.messages().length >= 24);
  });

  test("D62 MQTT gets what a filter names from all of its streams, at QoS 1 also what came while it was away", async () => {
    const [one] = await bench.pair(ENV);
    const sender = await webSocket(one);
    const wishes = { clientId: "thing", cleanStart: false, properties: { sessionExpiryInterval: 100 } };
    const thing = await mqtt(one, wishes);
    await thing.subscribe("wide/#", { qos: 1 });
    for (const topic of TOPICS) await ask(sender, { publish: { topic, data: 1 } });
    const taken = new Set<string>();
    for (const _ of TOPICS) {
      const { topic, packetId } = await thing.take("publish");
      taken.add(topic);
      thing.ack("puback", packetId ?? 0);
    }
    expect(taken).toEqual(new Set(TOPICS));
    await thing.nothing();
    thing.wire.cut();
    for (const topic of TOPICS) await ask(sender, { publish: { topic, data: 2 } });
    const back = await mqtt(one, wishes);
    for (const _ of TOPICS) {
      const { payload, packetId } = await back.take("publish");
      expect(Buffer.from(payload).toString()).toBe("2");
      back.ack("puback", packetId ?? 0);
    }
    await back.nothing();
  });

  test("D61 a gateway that would spread topics in another way is refused; told so, it takes the new layout", async () => {
    const cluster = bench.name();
    const first = await bench.gateway(cluster);
    const client = await webSocket(first);
    const state = (await ask(client, { subscribe: { topic: "wide/1" } }))["subscribe"]!;
    await ask(client, { publish: { topic: "wide/1", data: 1 } });
    expect(await bench.refusal(cluster, ENV)).toContain(
      'was made with "streams=1 shards=1", this gateway has "streams=4 shards=1 wide=4"',
    );
    await first.stop();
    const second = await bench.gateway(cluster, { ...ENV, LOG_RELAYOUT: "true" });
    const topic = TOPICS.find((each) => second.streams.of(each).log.epoch !== state["epoch"])!;
    const { epoch, offset } = state;
    const back = await ask(await webSocket(second), { subscribe: { topic, since: { epoch, offset } } });
    expect(back["subscribe"]).toMatchObject({ recovered: false });
    expect(await bench.refusal(cluster)).toContain("log.relayout");
    expect((await bench.gateway(cluster, ENV)).streams.all).toHaveLength(4);
  });
});
