import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, type Message, type Subscription } from "../src/index.ts";

const LAUNCHER = fileURLToPath(new URL("../../../bin/tidegate.mjs", import.meta.url));

/** The real program on a free port, or again on the same one. */
class Server {
  readonly #data: string;
  #child: ReturnType<typeof spawn> | undefined;
  port = 0;

  constructor(data: string) {
    this.#data = data;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  async start(): Promise<void> {
    this.#child = spawn(this.#data, this.port);
    let text = "";
    for await (const chunk of this.#child.stderr) {
      text += new TextDecoder().decode(chunk);
      const url = /"url":"http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (url) return void (this.port = Number(url[1]));
    }
    throw new Error(`the server did not start: ${text}`);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal);
    await this.#child?.exited;
  }
}

function spawn(data: string, port: number) {
  const env = {
    ...process.env,
    TIDEGATE_HTTP_PORT: String(port),
    TIDEGATE_DATA_DIR: data,
    TIDEGATE_DRAIN_SPREAD: "100ms",
  };
  // Bun itself, not the launcher: a kill must hit the server and not its parent.
  const main = join(LAUNCHER, "../../packages/cli/src/main.ts");
  return Bun.spawn([process.execPath, main, "serve"], { env, stdout: "ignore", stderr: "pipe" });
}

let data = "";
let server: Server;
const clients: Client[] = [];

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "tidegate-client-"));
  server = new Server(data);
  await server.start();
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.end("SIGKILL");
  await rm(data, { recursive: true, force: true });
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
  await expect(client.subscribe("chat/#/x").ready).rejects.toThrow("# is allowed only as the last level");
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
