import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, said, texts, visit, type Visitor, type VisitOptions, write } from "../support/browser.ts";
import { ChildGateway } from "../support/gateway.ts";

let gateway: ChildGateway;
let browser: Browser;
const visitors: Visitor[] = [];

beforeAll(async () => {
  [gateway, browser] = await Promise.all([ChildGateway.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await gateway.remove();
});

async function open(name: string, room: string, options: VisitOptions = {}): Promise<Page> {
  const visitor = await visit(browser, gateway.url, { name, room, ...options });
  visitors.push(visitor);
  await visitor.page.getByText("Connected", { exact: true }).waitFor();
  return visitor.page;
}

test("U60 two pages see each other's messages and who is there, and the console stays quiet", async () => {
  const [ann, bob] = [await open("Ann", "talk"), await open("Bob", "talk")];
  for (const page of [ann, bob]) await page.locator(".people li").nth(1).waitFor();
  expect(await ann.locator(".people li").allInnerTexts()).toEqual([
    expect.stringContaining("Ann"),
    expect.stringContaining("Bob"),
  ]);
  await ann.getByText("Bob joined").waitFor();
  await write(ann, "hello Bob");
  await said(bob, "hello Bob").waitFor();
  await write(bob, "hello Ann");
  await said(ann, "hello Ann").waitFor();
  expect(await texts(ann)).toEqual(["hello Bob", "hello Ann"]);
  expect(await texts(bob)).toEqual(["hello Bob", "hello Ann"]);
  expect(await ann.locator(".own .bubble").allInnerTexts()).toEqual(["hello Bob"]);
  await bob.context().close();
  await ann.getByText("Bob left").waitFor();
  expect(visitors.flatMap(({ faults }) => faults)).toEqual([]);
});

test("U44 one page tells the other that somebody types", async () => {
  const [ann, bob] = [await open("Ann", "typing"), await open("Bob", "typing")];
  await ann.locator(".people li").nth(1).waitFor();
  await ann.getByLabel("Message to").pressSequentially("I am wri");
  await bob.getByText("Ann is typing…").waitFor();
  expect(await ann.getByText("is typing").count()).toBe(0);
  await ann.getByLabel("Message to").press("Enter");
  await said(bob, "I am wri").waitFor();
  expect(await bob.getByText("is typing").count()).toBe(0);
});

test("U5 U61 what is published over HTTP appears in all pages, in all shapes, and never as markup", async () => {
  const pages = [await open("Ann", "http"), await open("Bob", "http")];
  const topic = "chat/http";
  const markup = `<img src=x onerror="document.title='broken'"><b>bold</b>`;
  await gateway.publish({ topic, data: { text: "hi" } });
  await gateway.publish({ topic, text: "plain text" });
  await gateway.publish({ topic, data: { temperature: 21.5 } });
  await gateway.publish({ topic, base64: "AAEC" });
  await gateway.publish({ topic, data: { text: markup, name: "<i>Eve</i>", sender: markup } });
  await gateway.publish({ topic, text: "see https://tidegate.example/a, javascript:alert(1)" });
  for (const page of pages) {
    await page.locator(".bubble a").waitFor();
    const shown = await texts(page);
    expect(shown.slice(0, 2)).toEqual(["hi", "plain text"]);
    expect(shown[2]).toContain('"temperature": 21.5');
    expect(shown[3]).toMatch(/Binary, 3 bytes\s+00 01 02/);
    expect(shown[4]).toBe(markup);
    expect(await page.locator(".messages img, .messages b, .messages i").count()).toBe(0);
    expect(
      await page.locator(".bubble a").evaluateAll((links) => links.map((link) => link.getAttribute("href"))),
    ).toEqual(["https://tidegate.example/a"]);
    expect(await page.title()).not.toContain("broken");
  }
  expect(visitors.flatMap(({ faults }) => faults)).toEqual([]);
});

test("U66 Enter sends, Shift+Enter does not, and a draft stays with its room", async () => {
  const page = await open("Ann", "keys");
  const field = page.getByLabel("Message to");
  await field.pressSequentially("one");
  await field.press("Shift+Enter");
  await field.pressSequentially("two");
  expect(await field.inputValue()).toBe("one\ntwo");
  await field.press("Enter");
  await page.locator(".bubble").waitFor();
  expect([await field.inputValue(), await texts(page)]).toEqual(["", ["one\ntwo"]]);
  await field.fill("half a sen");
  await page.getByRole("link", { name: "general" }).click();
  await page.getByLabel("Message to general").waitFor();
  expect(await page.getByLabel("Message to general").inputValue()).toBe("");
  await page.goBack();
  expect(await page.getByLabel("Message to keys").inputValue()).toBe("half a sen");
  await page.reload();
  expect(await page.getByLabel("Message to keys").inputValue()).toBe("half a sen");
});

test("U11 U30 rooms are joined by name, counted while they are not looked at, and left", async () => {
  const page = await open("Ann", "one");
  await page.getByLabel("Join or create a room").fill("my room");
  await page.getByLabel("Join or create a room").press("Enter");
  await page.getByRole("heading", { level: 1, name: "my-room" }).waitFor();
  expect(page.url()).toEndWith("#/my-room");
  await gateway.publish({ topic: "chat/one", data: { text: "unread 1" } });
  await gateway.publish({ topic: "chat/one", data: { text: "unread 2" } });
  await page.getByLabel("2 unread").waitFor();
  expect(await page.title()).toBe("(2) my-room · Tidegate");
  await page.getByRole("link", { name: "one" }).click();
  await said(page, "unread 2").waitFor();
  expect([await page.locator(".badge").count(), await page.locator(".rule.new").count()]).toEqual([0, 1]);
  await page.getByRole("link", { name: "my-room" }).hover();
  await page.getByRole("button", { name: "Leave my-room" }).click();
  await page.getByRole("link", { name: "my-room" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Leave one" }).click();
  await page.getByRole("heading", { level: 1, name: "random" }).waitFor();
  expect(page.url()).toEndWith("#/random");
  await page.getByLabel("Join or create a room").fill("a/b");
  await page.getByLabel("Join or create a room").press("Enter");
  expect(await page.getByRole("alert").innerText()).toBe("A name cannot have /.");
});

test("U67 older messages come when the person scrolls up, and what is read stays in its place", async () => {
  for (let n = 1; n <= 130; n++)
    await gateway.publish({ topic: "chat/long", data: { text: `line ${n}`, name: "Bea", sender: "b" } });
  const page = await open("Ann", "long");
  await said(page, "line 130").waitFor();
  expect((await texts(page)).length).toBe(50);
  const list = page.getByRole("log");
  const newest = said(page, "line 130");
  expect(await newest.evaluate((element) => element.getBoundingClientRect().bottom < window.innerHeight)).toBe(true);
  const first = said(page, "line 81");
  // In one step: the older ones come within milliseconds.
  const before = await first.evaluate((element) => {
    const box = element.closest(".messages");
    if (box !== null) box.scrollTop = 60;
    return element.getBoundingClientRect().top;
  });
  await said(page, "line 31").waitFor({ state: "attached" });
  const after = await first.evaluate((element) => element.getBoundingClientRect().top);
  expect(Math.abs(after - before)).toBeLessThan(2);
  for (let more = true; more;) {
    await list.evaluate((element) => (element.scrollTop = 0));
    more = (await said(page, "line 1").count()) === 0;
  }
  expect(await texts(page)).toEqual(Array.from({ length: 130 }, (_, i) => `line ${i + 1}`));
  await gateway.publish({ topic: "chat/long", data: { text: "the end" } });
  await page.getByRole("button", { name: "New messages" }).click();
  await page.getByRole("button", { name: "New messages" }).waitFor({ state: "detached" });
});

test("U68 a first visit asks for a name and offers one; a new one is what others see", async () => {
  const bob = await open("Bob", "names");
  const { page } = await visit(browser, gateway.url, { room: "names" });
  const dialog = page.getByRole("dialog", { name: "Welcome to Tidegate" });
  const field = dialog.getByLabel("Name");
  expect(await field.inputValue()).toMatch(/^\w+ \w+$/);
  await field.fill("Zoë");
  await field.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await bob.getByText("Zoë joined").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "You are Zoë" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Zed");
  await page.getByRole("button", { name: "Save" }).click();
  await write(page, "it is me");
  await bob.locator(".group-name", { hasText: "Zed" }).waitFor();
  await bob.locator(".person-name", { hasText: "Zed" }).waitFor();
});

test("U70 no inline script and no other host can be used", async () => {
  const page = await open("Ann", "csp");
  const refused = await page.evaluate(async () => {
    const violations: string[] = [];
    const all = new Promise<void>((resolve) => {
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
        violations.push(effectiveDirective);
        if (violations.length === 3) resolve();
      });
    });
    const script = document.createElement("script");
    script.textContent = "document.title = 'inline'";
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.head.append(script, style);
    await fetch("http://127.0.0.1:9/").catch(() => {});
    await all;
    return violations.sort();
  });
  expect(refused).toEqual(["connect-src", "script-src-elem", "style-src-elem"]);
  expect(await page.title()).not.toContain("inline");
});
