import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleClient, clientSize, SIZE_LIMIT } from "../scripts/size.ts";
import { Server } from "./support/server.ts";

let folder = "";
let server: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidegate-bundle-"));
  server = await Server.make();
  await Bun.write(join(folder, "client.mjs"), await bundleClient());
});

afterAll(async () => {
  await server.remove();
  await rm(folder, { recursive: true, force: true });
});

test("C80 the client is at most 12 KB minified and gzipped, and imports nothing", async () => {
  const { gzipped } = await clientSize();
  expect(gzipped).toBeGreaterThan(1000);
  expect(gzipped).toBeLessThanOrEqual(SIZE_LIMIT);
  const bundle = await bundleClient();
  expect(new Bun.Transpiler({ loader: "js" }).scanImports(bundle)).toEqual([]);
  expect(bundle).not.toMatch(/\bBun\b|\bprocess\b|\bBuffer\b|\brequire\b/);
});

/** What is used is the bundle; `prelude` is run before it is made a client. */
async function onNode(prelude: string, options: string): Promise<{ readonly out: string; readonly err: string }> {
  const program = `
    import { Client } from "./client.mjs";
    ${prelude}
    const client = new Client(process.argv[2], ${options});
    const subscription = client.subscribe("chat/node");
    await client.ready();
    await subscription.ready;
    await client.publish("chat/node", Uint8Array.of(1, 2));
    for await (const message of subscription) {
      console.log(message.format, [...message.data]);
      break;
    }
    await client.close();
  `;
  const file = join(folder, `${Bun.hash(program)}.mjs`);
  await Bun.write(file, program);
  // Node has a global WebSocket since 22; the same one was behind a flag before.
  const child = Bun.spawn(["node", ...(await webSocketFlag()), file, server.url], { stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  await child.exited;
  return { out, err };
}

async function webSocketFlag(): Promise<string[]> {
  const version = await new Response(Bun.spawn(["node", "--version"], { stdout: "pipe" }).stdout).text();
  return Number(/^v(\d+)/.exec(version)?.[1]) < 22 ? ["--experimental-websocket", "--no-warnings"] : [];
}

test("C81 the bundle runs on Node with the global WebSocket and ends by itself after close", async () => {
  expect(await onNode("", "{}")).toEqual({ out: "binary [ 1, 2 ]\n", err: "" });
});

test("C81 it runs on Node with a WebSocket that is passed in, and says so where there is none", async () => {
  const prelude = "const own = globalThis.WebSocket; delete globalThis.WebSocket;";
  expect(await onNode(prelude, "{ WebSocket: own }")).toEqual({ out: "binary [ 1, 2 ]\n", err: "" });
  expect((await onNode(prelude, "{}")).err).toContain(
    "WebSocket: there is no global one here; pass one in the options",
  );
});
