import { expect, test } from "bun:test";
import { launchBrowser, visit } from "../support/browser.ts";
import { ChildGateway } from "../support/gateway.ts";

/** The option auth.keys takes the hash of a key. */
function keyOption(): string {
  const hash = Bun.SHA256.hash(KEY, "hex");
  return JSON.stringify([{ name: "page", hash, publish: ["chat/#"], subscribe: ["chat/#"] }]);
}

const KEY = "tg_a-key-of-this-test-that-is-long-enough-0123456789";

test("U69 a server that wants a token gets it from a form, and a refused one is told", async () => {
  const gateway = await ChildGateway.start({
    TIDEGATE_AUTH_KEYS: keyOption(),
    TIDEGATE_AUTH_REQUIRED: "true",
  });
  const browser = await launchBrowser();
  try {
    const { page } = await visit(browser, gateway.url, { name: "Ann" });
    const field = page.getByLabel("Token", { exact: true });
    await field.waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    await field.fill("tg_wrong");
    await field.press("Enter");
    await page.getByText("The last one was refused").waitFor();
    await field.fill(KEY);
    await field.press("Enter");
    await page.getByText("Connected", { exact: true }).waitFor();
    await page.getByLabel("Message to").fill("I am in");
    await page.getByLabel("Message to").press("Enter");
    await page.locator(".own .bubble").waitFor();
    await page.getByText("Sending…").waitFor({ state: "detached" });
    expect(await page.locator(".command").first().innerText()).toContain("Bearer $TIDEGATE_TOKEN");
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(KEY);
    await page.reload();
    await page.getByText("Connected", { exact: true }).waitFor();
  } finally {
    await browser.close();
    await gateway.remove();
  }
});
