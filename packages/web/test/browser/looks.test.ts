import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, said, visit, type VisitOptions } from "../support/browser.ts";
import { lowContrasts, unnamedControls } from "../support/looks.ts";
import { ChildGateway } from "../support/gateway.ts";

const LONG = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(6);
let gateway: ChildGateway;
let browser: Browser;

beforeAll(async () => {
  [gateway, browser] = await Promise.all([ChildGateway.start(), launchBrowser()]);
  const topic = "chat/looks";
  await gateway.publish({ topic, data: { text: LONG, name: "W".repeat(40), sender: "w" } });
  await gateway.publish({ topic, data: { text: `https://tidegate.example/${LONG}` } });
  await gateway.publish({ topic, data: { [LONG]: LONG } });
  await gateway.publish({
    topic,
    data: { text: "mine, with a link https://tidegate.example", name: "Ann", sender: "id-Ann" },
  });
  await gateway.publish({ topic, base64: "AAEC" });
});

afterAll(async () => {
  await browser.close();
  await gateway.remove();
});

async function open(options: VisitOptions): Promise<Page> {
  const { page } = await visit(browser, gateway.url, { name: "Ann", room: "looks", ...options });
  await page.getByText("Connected", { exact: true }).waitFor();
  await page.locator(".bubble").nth(4).waitFor();
  return page;
}

const overflow = (page: Page) =>
  page.evaluate(() => {
    const wide = [
      document.documentElement,
      ...document.querySelectorAll(".messages, .sidebar, .side, .room, .composer"),
    ];
    return wide
      .filter((element) => element.scrollWidth > element.clientWidth)
      .map(({ className }) => className || "page");
  });

test.each([320, 375, 760, 1120])("U63 at %i px nothing is wider than the page", async (width) => {
  const rooms = ["looks", "x".repeat(64), "general"];
  const page = await open({ viewport: { width, height: 640 }, stored: { rooms } });
  expect(await overflow(page)).toEqual([]);
  for (const button of ["Show the rooms", /here. Show people/]) {
    const control = page.getByRole("button", { name: button });
    if (!(await control.isVisible())) continue;
    await control.click();
    await page.locator(".backdrop").waitFor();
    expect(await overflow(page)).toEqual([]);
    await page.locator(".sidebar :focus, .side :focus").waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".backdrop").waitFor({ state: "hidden" });
    // The focus comes back with the next frame.
    await page.waitForFunction((element) => element === document.activeElement, await control.elementHandle());
  }
  expect(await overflow(page)).toEqual([]);
});

const ground = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

test("U64 colours follow the system until the person chooses, and the choice is kept", async () => {
  const page = await open({ colorScheme: "dark" });
  expect(await ground(page)).toBe("rgb(16, 25, 30)");
  await page.emulateMedia({ colorScheme: "light" });
  await page.locator("html[data-theme=light]").waitFor();
  expect(await ground(page)).toBe("rgb(255, 255, 255)");
  const button = page.getByRole("button", { name: "Colours:" });
  await button.click();
  await button.click();
  expect(await button.getAttribute("aria-label")).toStartWith("Colours: dark");
  expect(await ground(page)).toBe("rgb(16, 25, 30)");
  await page.reload();
  expect(await ground(page)).toBe("rgb(16, 25, 30)");
});

test.each(["light", "dark"] as const)(
  "U65 in %s colours every control has a name and every text its contrast",
  async (colorScheme) => {
    const page = await open({ colorScheme });
    await gateway.publish({ topic: "chat/general", data: { text: "unread" } });
    await page.locator(".badge").waitFor();
    await page.getByLabel("Join or create a room").fill("a/b");
    await page.getByLabel("Join or create a room").press("Enter");
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Message to").fill("some text");
    expect(await unnamedControls(page)).toEqual([]);
    expect(await lowContrasts(page)).toEqual([]);
    await page.getByRole("button", { name: "You are Ann" }).click();
    await page.getByRole("dialog").waitFor();
    expect([await unnamedControls(page), await lowContrasts(page)]).toEqual([[], []]);
  },
);

test("U65 dialogs hold the focus and give it back; all can be done by keys", async () => {
  const page = await open({});
  const me = page.getByRole("button", { name: "You are Ann" });
  await me.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press("Tab");
    const outside = await page.evaluate(
      () => document.activeElement !== document.body && document.activeElement?.closest("dialog") === null,
    );
    expect(outside).toBe(false);
  }
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator(".me:focus").waitFor();
  const outline = await me.evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(outline).toBe("solid");
});

test("U65 what others write is told to those who do not see it, what was there before is not", async () => {
  const looks = await open({});
  expect(await looks.getByRole("log").getAttribute("aria-live")).toBe("off");
  await gateway.publish({ topic: "chat/looks", data: { text: "heard", name: "Bea" } });
  await said(looks, "heard").waitFor();
  expect(await looks.locator("[data-announcer]").innerText()).toBe("Bea: heard");
});
