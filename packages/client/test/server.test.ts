import { afterAll, beforeAll, expect, test } from "bun:test";
import { Client, type Message, type Subscription } from "../src/index.ts";
import { failure } from "./support/world.ts";
import { Server } from "./support/server.ts";

let server: Server;
const clients: Client[] = [];

beforeAll(async () => {
  server = await Server.make();
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.remove();
});

function connect(): Client {
  const client = new Client(server.url, { backoff: { min: 20, max: 100 } }).connect();
  clients.push(client);
  return client;
}

/** Collects offsets and data; `until` waits for a number of messages. */
function collect(subscription: Subscription) {
  const messages: Message[] = [];
  const gaps: unknown[] = [];
  let check = (): void => {};
  subscription.on("gap", (gap) => gaps.push(gap));
  subscription.on("message", (message) => (messages.push(message), check()));
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      check = () => messages.length >= count && resolve();
      check();
    });
  return { messages, gaps, until };
}

test("C85 a message goes from one client to another through the real server, in all three forms", async () => {
  const [ann, bob] = [connect(), connect()];
  const subscription = bob.subscribe("chat/forms");
  const inbox = collect(subscription);
  await subscription.ready;
  const first = await ann.publish("chat/forms", { text: "hi" }, { priority: "high", headers: { h: "1" } });
  await ann.publish("chat/forms", "plain", { as: "text", messageId: "m1" });
  const again = await ann.publish("chat/forms", "plain", { as: "text", messageId: "m1" });
  await ann.publish("chat/forms", Uint8Array.of(0, 255));
  await inbox.until(3);
  expect(first.duplicate).toBe(false);
  expect(again.duplicate).toBe(true);
  expect(inbox.messages.map((message) => message.data)).toEqual([{ text: "hi" }, "plain", Uint8Array.of(0, 255)]);
  expect(inbox.messages[0]).toMatchObject({ priority: "high", headers: { h: "1" }, redelivered: false });
  const page = await bob.history("chat/forms", { limit: 2 });
  expect(page.messages.map((message) => message.data)).toEqual(["plain", Uint8Array.of(0, 255)]);
  expect(page.more).toBe(true);
});

test("C85 history, filters, presence, retained values and windows work against the real server", async () => {
  const client = connect();
  for (const n of [1, 2, 3]) await client.publish("chat/h", n, { retain: true });
  const newest = collect(client.subscribe("chat/h", { history: 2 }));
  const filtered = client.subscribe("chat/+", { retained: true });
  const retained = collect(filtered);
  const other = connect();
  const room = other.subscribe("chat/h", { presence: { name: "Ann" }, window: 2 });
  const windowed = collect(room);
  await Promise.all([newest.until(2), retained.until(1), room.ready]);
  await client.publish("chat/h", 4);
  await Promise.all([newest.until(3), retained.until(2), windowed.until(1)]);
  expect(newest.messages.map((message) => message.data)).toEqual([2, 3, 4]);
  expect(retained.messages.map((message) => message.data)).toEqual([3, 4]);
  for (const message of windowed.messages) room.ack(message);
  expect((await client.presence("chat/h")).members).toMatchObject([{ info: { name: "Ann" } }]);
  filtered.unsubscribe();
  expect((await failure(client.subscribe("chat/#/x").ready)).message).toContain("# is allowed only as the last level");
});

test("C85 after a kill -9 and a restart in the middle of publishing every message is there once, in order", async () => {
  const [ann, bob] = [connect(), connect()];
  const subscription = bob.subscribe("chat/crash", { since: await bob.publish("chat/crash", 0) });
  const inbox = collect(subscription);
  await subscription.ready;
  const recovered: boolean[] = [];
  subscription.on("recovered", (event) => recovered.push(event.recovered));
  const publishing = Array.from({ length: 300 }, (_, i) => ann.publish("chat/crash", i + 1));
  await publishing[50];
  await server.end("SIGKILL");
  await server.start();
  await Promise.all(publishing);
  await inbox.until(300);
  expect(inbox.messages.map((message) => message.data)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  expect(inbox.gaps).toEqual([]);
  expect(recovered).toEqual([true]);
}, 20_000);

test("C85 a drain moves the client, and it goes on with the next server", async () => {
  const client = connect();
  const inbox = collect(client.subscribe("chat/drain"));
  await client.publish("chat/drain", 1);
  await inbox.until(1);
  await server.end("SIGTERM");
  await server.start();
  await client.publish("chat/drain", 2);
  await inbox.until(2);
  expect(inbox.messages.map((message) => message.data)).toEqual([1, 2]);
}, 30_000);
