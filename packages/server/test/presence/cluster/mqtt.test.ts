import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { JsonClient } from "../../e2e/json-client.ts";
import { NATS, NatsBench } from "../../log/nats/fixture.ts";
import { type MqttNode, startMqtt } from "../../mqtt/support/node.ts";
import { TempDir } from "../../support/temp-dir.ts";

const bench = new NatsBench();
const directory = new TempDir("tidegate-presence");
beforeAll(bench.start);
afterAll(async () => {
  await bench.remove();
  directory.remove();
});

function start(name: string): Promise<MqttNode> {
  const place = { LOG_STORAGE: "sqlite", LOG_URL: bench.server.url, LOG_MAX_BYTES: "64MB" };
  return startMqtt({ env: { ...place, DATA_DIR: join(directory.path, name), CLUSTER_HEARTBEAT: "200ms" } });
}

describe.skipIf(NATS === undefined)("presence of MQTT clients on two gateways", () => {
  test("P30 P40 who subscribes over MQTT on one is seen over WebSocket on the other", async () => {
    const [one, two] = [await start("one"), await start("two")];
    const watcher = await JsonClient.connect(two.ws);
    await watcher.ask({ subscribe: { topic: "chat/room", presence: {} } });
    const client = await one.join();
    const wanted = {
      filter: "chat/room",
      qos: 0,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 2,
    } as const;
    const properties = { userProperties: [["presence", '{"name":"Ada"}']] as const };
    client.send({ type: "subscribe", packetId: client.nextId, subscriptions: [wanted], properties });
    await watcher.until(() => JSON.stringify(watcher.pushes).includes('"join"'));
    await watcher.until(() => JSON.stringify(watcher.pushes).includes('{"name":"Ada"}'));
    client.disconnect();
    await watcher.until(() => watcher.pushes.some((push) => push["leave"] !== undefined));
    expect(watcher.pushes.at(-1)).toMatchObject({ leave: { topic: "chat/room", count: 1 } });
    watcher.close();
  }, 20_000);
});
