import type { Stored } from "@tidegate/protocol";
import type { Log, Page } from "../log/log.ts";
import type { Subscription } from "./subscription.ts";

/** Messages of one read: bounds what is held in memory for one client that catches up. */
export const PAGE_MESSAGES = 200;
export const PAGE_BYTES = 256 * 1024;

/**
 * Looks whether anything was missed after an offset, and whether it is still there: a page of one message, which is not
 * kept, so that many subscriptions that come back together do not hold a page each. Live messages wait from here on.
 * What follows is up to the caller: `replay` if the page is complete, `goLive` if not. Rejects with `LogUnavailable`.
 */
export function probe(subscription: Subscription, log: Log, after: number): Promise<Page> {
  return readPage(subscription, log, after, 1);
}

/**
 * Sends what the log holds after an offset, page by page at the client's pace, then joins the live messages with none
 * missing and none twice: what a page had is dropped from those that waited. Rejects with `LogUnavailable`.
 *
 * @param probed - what `probe` found there
 */
export async function replay(subscription: Subscription, log: Log, since: number, probed: Page): Promise<void> {
  if (probed.messages.length === 0 && !probed.more && join(subscription, probed.next)) return;
  for (let after = since; ;) {
    await subscription.subscriber.whenWritable();
    if (hasEnded(subscription)) return;
    const page = await readPage(subscription, log, after, PAGE_MESSAGES);
    if (hasEnded(subscription)) return;
    if (!page.complete) return passOver(subscription, after, page);
    subscription.send(page.messages);
    if (!page.more && join(subscription, page.next)) return;
    after = page.next;
  }
}

function readPage(subscription: Subscription, log: Log, after: number, limit: number): Promise<Page> {
  subscription.enter({ kind: "catching-up", live: [], overflowed: false });
  return log.read({ filter: subscription.group.filter, after, limit, maxBytes: PAGE_BYTES });
}

export function hasEnded(subscription: Subscription): boolean {
  return subscription.mode.kind === "ended";
}

/** Sends the waiting live messages that no page had, and goes on live; false if too many came to hold them. */
function join(subscription: Subscription, after: number): boolean {
  subscription.flush();
  const { mode } = subscription;
  if (mode.kind !== "catching-up" || mode.overflowed) return false;
  const rest: readonly Stored[] = mode.live.filter((stored) => stored.offset > after);
  subscription.send(rest);
  subscription.goLive(rest.at(-1)?.offset ?? after);
  return true;
}

/** Retention removed messages before they could be sent: the client is told where it goes on. */
function passOver(subscription: Subscription, after: number, page: Page): void {
  subscription.flush();
  const to = Math.max(page.next, subscription.group.stream?.dispatched ?? 0);
  const { connection, encoder } = subscription.subscriber;
  connection.send(encoder.push({ kind: "gap", topic: subscription.group.filter, after, to }));
  subscription.goLive(to);
}
