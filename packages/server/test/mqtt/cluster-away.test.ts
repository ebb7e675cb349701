import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mqtt, SharedBench } from "../gateway/shared-log/cluster.ts";
import { NATS } from "../log/nats/fixture.ts";
import { until } from "../support/until.ts";
import { MqttTestClient, tcp, textOf } from "./support/client.ts";
import { durable, VERSIONS } from "./support/node.ts";

const bench = new SharedBench();

describe.skipIf(NATS === undefined)("MQTT while NATS is away", () => {
  beforeAll(bench.start);
  afterAll(bench.remove);

  test("M158 who connects is refused for the moment; who is connected stays, and what it does waits and is done once", async () => {
    const [a, b] = await bench.pair();
    const reader = await mqtt(a, durable("reader", 5));
    await reader.subscribe("away/#", { qos: 2 });
    const member = await mqtt(b, durable("member", 5));
    await member.subscribe("$share/g/away/#", { qos: 1 });
    const writer = await mqtt(b, durable("writer", 5));
    await writer.deliver("away/x", "before", { qos: 2 });
    const before = await reader.take("publish");
    expect(await member.texts(1)).toEqual(["before"]);
    await bench.nats.server.kill();
    await until(() => a.cluster.bus?.isUp === false && b.cluster.bus?.isUp === false);
    for (const version of VERSIONS) {
      const late = await MqttTestClient.open(tcp(a.mqttPorts.plain ?? 0), version);
      expect((await late.connect(durable("late", version))).code).toBe(version === 5 ? 0x88 : 3);
      await late.end();
    }
    // Its PUBREC must be stored before PUBREL leaves; its own message before it is handed to the log.
    reader.ack("pubrec", before.packetId!);
    writer.publish("away/x", "meanwhile", { qos: 2, packetId: 77 });
    await reader.pickPing();
    await writer.pickPing();
    await bench.nats.server.start();
    await reader.pick("pubrel", before.packetId!);
    reader.ack("pubcomp", before.packetId!);
    const answer = await writer.pick("pubrec", 77);
    // The log may not have been there yet: then the client is told, and sends it again.
    if (answer.code !== 0) await retry(writer);
    else {
      writer.ack("pubrel", 77);
      await writer.pick("pubcomp", 77);
    }
    expect(textOf(await reader.receive())).toBe("meanwhile");
    // What it acknowledged at QoS 1 in the last moment may come again: NATS may not have written that down.
    while ((await member.texts(1))[0] !== "meanwhile");
    await reader.nothing();
    for (const version of VERSIONS) await mqtt(a, durable(`late-${version}`, version));
  }, 30_000);
});

async function retry(writer: MqttTestClient): Promise<void> {
  for (let packetId = 78; ; packetId++) {
    writer.publish("away/x", "meanwhile", { qos: 2, packetId });
    const { code } = await writer.pick("pubrec", packetId);
    if (code !== 0) continue;
    writer.ack("pubrel", packetId);
    await writer.pick("pubcomp", packetId);
    return;
  }
}
