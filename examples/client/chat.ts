// A chat in the terminal: bun examples/client/chat.ts Ann [room] [address]
import { createInterface } from "node:readline";
import { Client } from "@tidegate/client";

const [name = "somebody", room = "lobby", address = "ws://127.0.0.1:8080/ws"] = process.argv.slice(2);
const topic = `chat/${room}`;

const client = new Client(address, { clientName: "example-chat" }).connect();
client.on("state", (state) => console.error(state.kind === "waiting" ? `waiting: ${state.message}` : state.kind));

const subscription = client.subscribe<{ name: string; text: string }>(
  topic,
  { history: 20, presence: { name } },
  ({ data }) => console.log(`${data.name}: ${data.text}`),
);
subscription.on("gap", () => console.log("(some messages are missing)"));
await subscription.ready;

for await (const text of createInterface({ input: process.stdin })) await client.publish(topic, { name, text });
await client.close();
