import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, said, texts, visit, write } from "../support/browser.ts";
import { ChildGateway } from "../support/gateway.ts";

let gateway: ChildGateway;
let browser: Browser;

beforeEach(async () => {
  [gateway, browser] = await Promise.all([
    ChildGateway.start({ TIDEGATE_NAMESPACE_DEFAULTS_DURABILITY: "process" }),
    launchBrowser(),
  ]);
});

afterEach(async () => {
  await browser.close();
  await gateway.remove();
});

const http = (text: string) => ({ topic: "chat/room_1", data: { text, name: "curl" } });

async function open(name: string) {
  const visitor = await visit(browser, gateway.url, { name });
  await visitor.page.getByText("Connected", { exact: true }).waitFor();
  return visitor;
}

/** The browser itself complains of each connection that it cannot make. */
const real = (faults: readonly string[]) => faults.filter((fault) => !/WebSocket connection to .* failed/.test(fault));

test("U41 U62 after a kill -9 both pages resume and show what was published meanwhile once, in order", async () => {
  const visitors = [await open("Ann"), await open("Bob")];
  const [ann, bob] = visitors.map(({ page }) => page) as [Page, Page];
  await write(ann, "before");
  await said(bob, "before").waitFor();
  await ann.locator(".people li").nth(1).waitFor();
  await ann.getByText("Bob joined").waitFor();

  await gateway.kill();
  for (const page of [ann, bob]) await page.getByRole("button", { name: "Try now" }).waitFor();
  await write(ann, "queued 1");
  await write(ann, "queued 2");
  expect(await ann.getByText("Waiting for the connection").count()).toBe(2);
  await gateway.publishAway([http("missed 1"), http("missed 2")]);
  await gateway.start();
  await gateway.publish(http("after the start"));
  for (const page of [ann, bob]) await page.getByText("Connected", { exact: true }).waitFor();
  for (const page of [ann, bob]) {
    await said(page, "queued 2").waitFor();
    await said(page, "after the start").waitFor();
    await page.getByText("Waiting for the connection").waitFor({ state: "detached" });
    await page.getByText("Sending…").waitFor({ state: "detached" });
  }
  await write(bob, "all there");
  for (const page of [ann, bob]) await said(page, "all there").waitFor();

  const [shown, others] = [await texts(ann), await texts(bob)];
  expect(others).toEqual(shown);
  expect(shown.filter((text) => !text.startsWith("queued"))).toEqual([
    "before",
    "missed 1",
    "missed 2",
    "after the start",
    "all there",
  ]);
  expect(shown.filter((text) => text.startsWith("queued"))).toEqual(["queued 1", "queued 2"]);
  for (const page of [ann, bob]) expect(await page.locator(".hole").count()).toBe(0);
  await ann.locator(".people li").nth(1).waitFor();
  expect(await ann.getByText("Bob joined").count()).toBe(1);
  expect(visitors.flatMap(({ faults }) => real(faults))).toEqual([]);
});

test("U71 messages that are gone are told of at their place", async () => {
  const { page, faults } = await open("Ann");
  await write(page, "before");
  await page.locator(".own .bubble").waitFor();
  await page.getByText("Sending…").waitFor({ state: "detached" });
  await gateway.kill();
  await gateway.forget();
  await gateway.publishAway([http("in the new log 1"), http("in the new log 2")]);
  await gateway.start();
  await said(page, "in the new log 2").waitFor();
  await page.getByText("The server began a new history here.").waitFor();
  const order = await page.locator(".bubble, .hole").evaluateAll((all) => all.map(({ className }) => className));
  expect(order).toEqual(["bubble", "hole", "bubble", "bubble"]);
  await write(page, "after");
  await said(page, "after").waitFor();
  expect(await texts(page)).toEqual(["before", "in the new log 1", "in the new log 2", "after"]);
  expect(real(faults)).toEqual([]);
});

test("U62 the person can try at once", async () => {
  const { page } = await open("Ann");
  await gateway.kill();
  const button = page.getByRole("button", { name: "Try now" });
  await button.waitFor();
  await gateway.start();
  // It may have come back by itself in the meantime.
  await button.click({ timeout: 1000 }).catch(() => {});
  await page.getByText("Connected", { exact: true }).waitFor();
  await button.waitFor({ state: "detached" });
});
