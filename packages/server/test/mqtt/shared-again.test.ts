import { expect, test } from "bun:test";
import { until } from "../support/until.ts";
import { startMqtt } from "./support/node.ts";

const COUNT = 3000;

test("M86 what a member leaves behind goes on to others in steps, and holds up nobody", async () => {
  const node = await startMqtt({
    env: { MQTT_MAX_INFLIGHT: String(COUNT), NAMESPACE_DEFAULTS_HISTORY_SIZE: String(COUNT) },
  });
  const [first, second, writer] = [await node.join({ clientId: "first" }), await node.join(), await node.join({}, 4)];
  const flights = (): number => {
    let count = 0;
    for (const client of node.context.roster) count += [...(client.usedWindow?.flights ?? [])].length;
    return count;
  };
  await first.subscribe("$share/group/work", { qos: 1 });
  for (let i = 0; i < COUNT; i++) writer.publish("work", String(i), { qos: 1 });
  await until(() => flights() === COUNT);
  await second.subscribe("$share/group/work", { qos: 1 });
  first.cut();
  await until(() => ![...node.context.roster].some(({ clientId }) => clientId === "first"));
  let turns = 0;
  for (; flights() < COUNT; turns++) await new Promise((resolve) => setImmediate(resolve));
  expect(turns).toBeGreaterThan(COUNT / 200);
  const texts = await second.texts(COUNT);
  expect(texts).toEqual(Array.from({ length: COUNT }, (_, i) => String(i)));
});
