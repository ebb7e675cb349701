import type { Stored } from "@tidegate/protocol";
import type { Log, Page } from "../log/log.ts";
import type { Subscription } from "./subscription.ts";

/** Messages of one read: bounds what is held in memory for one client that catches up. */
export const PAGE_MESSAGES = 200;
export const PAGE_BYTES = 256 * 1024;

/**
 * Reads what the log holds after an offset; live messages wait from before each read. What follows is up to the
 * caller: `replay` if the page is complete, `goLive` if not. Rejects with `LogUnavailable`.
 */
export function readPage(subscription: Subscription, log: Log, after: number): Promise<Page> {
  subscription.enter({ kind: "catching-up", live: [], overflowed: false });
  return log.read({ filter: subscription.group.filter, after, limit: PAGE_MESSAGES, maxBytes: PAGE_BYTES });
}

/**
 * Sends a first page and all that follow, at the client's pace, then joins the live messages with none missing and none
 * twice: what a page had is dropped from those that waited. Rejects with `LogUnavailable`.
 */
export async function replay(subscription: Subscription, log: Log, first: Page): Promise<void> {
  for (let page = first; ;) {
    subscription.send(page.messages);
    if (!page.more && join(subscription, page.next)) return;
    await subscription.subscriber.whenWritable();
    if (hasEnded(subscription)) return;
    const after = page.next;
    page = await readPage(subscription, log, after);
    if (hasEnded(subscription)) return;
    if (!page.complete) return passOver(subscription, after, page);
  }
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
