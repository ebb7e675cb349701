// Prints a topic, and after a restart goes on where it stopped: bun examples/client/follow.ts sensors/# position.json [address]
import { readFile, writeFile } from "node:fs/promises";
import { Client, type Position } from "@tidegate/client";

const [topic, file, address = "ws://127.0.0.1:8080/ws"] = process.argv.slice(2);
if (!topic || !file) throw new Error("usage: follow.ts <topic> <file of the position> [address]");

const saved = await readFile(file, "utf8").catch(() => undefined);
const since = saved === undefined ? undefined : (JSON.parse(saved) as Position);

const client = new Client(address, { clientName: "example-follow" }).connect();
// With a window the position is that of the last message acknowledged, and not ahead of this loop.
const subscription = client.subscribe(topic, since ? { since, window: 100 } : { window: 100 });
subscription.on("gap", (gap) => console.error("missing:", gap));
await subscription.ready;
console.error("following");

for await (const message of subscription) {
  console.log(`${message.topic} ${message.offset} ${JSON.stringify(message.data)}`);
  subscription.ack(message);
  if (subscription.position) await writeFile(file, JSON.stringify(subscription.position));
}
