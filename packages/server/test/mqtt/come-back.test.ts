import { expect, test } from "bun:test";
import type { ReadQuery } from "../../src/log/log.ts";
import { until } from "../support/until.ts";
import { DataDir, durable, type MqttNode } from "./support/node.ts";

/** The wildcard filters that are read from the log from now on, and from which offset. */
function watchReads(node: MqttNode): readonly ReadQuery[] {
  const { log } = node.gateway.services.streamOf("dev");
  const read = log.read.bind(log);
  const queries: ReadQuery[] = [];
  log.read = (query) => {
    if (query.filter.includes("#")) queries.push(query);
    return read(query);
  };
  return queries;
}

test("M162 who comes back is not kept waiting by what others were sent while it was there", async () => {
  await using data = await DataDir.make();
  let node = await data.start();
  const wishes = durable("dev", 5);
  const device = await node.join(wishes);
  await device.subscribe("dev/7/#", { qos: 1 });
  const others = async (): Promise<number> => {
    const writer = await node.join();
    for (let i = 0; i < 300; i++) await writer.deliver(`dev/8/${i}`, "x", { qos: 1 });
    writer.disconnect();
    await writer.end();
    return node.gateway.services.streamOf("dev").dispatched;
  };
  const head = await others();
  device.disconnect();
  await device.end();
  await until(() => node.context.roster.size === 0);
  const writer = await node.join();
  await writer.deliver("dev/7/a", "missed", { qos: 1 });
  const queries = watchReads(node);
  const again = await node.join(wishes);
  expect(await again.texts(1)).toEqual(["missed"]);
  for (const { after } of queries) expect(after).toBeGreaterThanOrEqual(head);

  // A stop of the server is a leave as well.
  const stopped = await others();
  node = await data.start();
  const late = watchReads(node);
  const last = await node.join(wishes);
  const { streamOf } = node.gateway.services;
  await (await node.join()).deliver("dev/7/b", "live", { qos: 1 });
  expect(await last.texts(1)).toEqual(["live"]);
  for (const { after } of late) expect(after).toBeGreaterThanOrEqual(stopped);
  expect(streamOf("dev").dispatched).toBeGreaterThan(stopped);
});
