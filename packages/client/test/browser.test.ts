import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { bundleClient } from "../scripts/size.ts";
import { Server } from "./support/server.ts";

/** Where there is no browser the test is skipped, and the report says so. */
const EXECUTABLE = process.env["CHROMIUM"] ?? Bun.which("chromium") ?? Bun.which("google-chrome");

let pages: Bun.Server<undefined>;
let server: Server;
let browser: Browser;

beforeAll(async () => {
  if (!EXECUTABLE) return;
  const bundle = await bundleClient();
  pages = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => answer(request, bundle) });
  server = await Server.make({ TIDEGATE_HTTP_ALLOWED_ORIGINS: pages.url.origin });
  browser = await chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
}, 30_000);

afterAll(async () => {
  await browser?.close();
  await server?.remove();
  await pages?.stop(true);
});

function answer({ url }: Request, bundle: string): Response {
  const isScript = url.endsWith("/client.js");
  const type = isScript ? "text/javascript" : "text/html";
  return new Response(isScript ? bundle : "<!doctype html><title>client</title>", {
    headers: { "content-type": type },
  });
}

/** The page's own client, as `client`, and what its subscription gave, as `seen`. */
async function openPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(pages.url.href);
  await page.evaluate(`(async () => {
    const { Client } = await import("/client.js");
    window.client = new Client("${server.url}", { backoff: { min: 60_000, max: 60_000 }, random: () => 0.99 }).connect();
    window.seen = [];
    await client.subscribe("chat/page", { history: 5 }, (message) => seen.push(message.data)).ready;
  })()`);
  return page;
}

test.skipIf(!EXECUTABLE)(
  "C13 C86 in a browser the bundle survives a kill -9 while offline, and connects at once when the network is back",
  async () => {
    const page = await openPage();
    await page.evaluate(`client.publish("chat/page", "before")`);
    await page.context().setOffline(true);
    await server.end("SIGKILL");
    await page.waitForFunction(`client.state.kind === "waiting"`);
    await page.evaluate(`void (window.sending = client.publish("chat/page", "while offline"))`);
    await server.start();
    // The back-off alone would take a minute.
    await page.context().setOffline(false);
    await page.waitForFunction(`client.state.kind === "connected" && seen.length === 2`, undefined, {
      timeout: 10_000,
    });
    expect(await page.evaluate("seen")).toEqual(["before", "while offline"]);
    expect(await page.evaluate("sending")).toMatchObject({ duplicate: false });
  },
  30_000,
);
