import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launchBrowser, visit, type VisitOptions } from "../test/support/browser.ts";
import { ChildGateway } from "../test/support/gateway.ts";
import { talk } from "./talk.ts";

/**
 * Makes the pictures of the README: `bun packages/web/scripts/screenshots.ts`. They show the real page on the real gateway;
 * only what is said is made up. Another folder can be given.
 */
const folder = process.argv[2] ?? join(import.meta.dir, "../../../docs/images");

const SHOTS: Readonly<Record<string, VisitOptions>> = {
  "page-light": { colorScheme: "light" },
  "page-dark": { colorScheme: "dark" },
  "page-phone": { colorScheme: "light", viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true },
};

// The usual port, so that the commands in the pictures are those that people type.
const gateway = await ChildGateway.start({}, 8080);
const browser = await launchBrowser();
try {
  await take(gateway, browser);
} finally {
  await browser.close();
  await gateway.remove();
}

async function take(server: ChildGateway, chromium: Browser): Promise<void> {
  // Others are in the room, and the one who looks was in the other rooms before.
  const others = await Promise.all(["Bea", "Chen", "Dario"].map((name) => visit(chromium, server.url, { name })));
  await talk(server);
  for (const [file, options] of Object.entries(SHOTS)) {
    const { page } = await visit(chromium, server.url, {
      name: "Ada",
      ...options,
      stored: { "read.general": { epoch: "-", offset: 0 } },
    });
    await page.getByText("Connected").waitFor();
    await page.getByText("curl says hello").waitFor();
    await page.locator(".badge").first().waitFor({ state: "attached" });
    if (options.viewport?.width !== 390) await page.locator(".people li").nth(3).waitFor();
    await page.getByLabel("Message to room_1").focus();
    await page.screenshot({ path: join(folder, `${file}.png`) });
    console.log(`${file}.png`);
    await page.context().close();
  }
  await Promise.all(others.map(({ page }) => page.context().close()));
}
