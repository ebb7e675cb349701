import type { Log, Page } from "../log/log.ts";
import type { Subscription } from "./subscription.ts";

/** Messages of one read: bounds what is held in memory for one client that catches up. */
const PAGE_MESSAGES = 200;
const PAGE_BYTES = 256 * 1024;

/**
 * Sends what the log holds after an offset, page by page at the client's pace, then joins the live messages with none
 * missing and none twice: live messages wait from before the last page is read, and what a page had is dropped from them.
 *
 * `first` is called with the first page before it is sent; if that page is not complete nothing is replayed, and the
 * subscription goes on live. Rejects with `LogUnavailable`.
 */
export async function catchUp(
  subscription: Subscription,
  log: Log,
  since: number,
  first: (page: Page) => void,
): Promise<void> {
  let after = since;
  for (let pages = 0; ; pages++) {
    subscription.enter({ kind: "catching-up", live: [], overflowed: false });
    const page = await log.read({ filter: subscription.group.filter, after, limit: PAGE_MESSAGES, maxBytes: PAGE_BYTES });
    if (subscription.mode.kind === "ended") return;
    if (pages === 0) first(page);
    if (!page.complete) return passOver(subscription, after, pages === 0 ? undefined : page);
    subscription.send(page.messages);
    after = page.next;
    if (!page.more && join(subscription, after)) return;
    await subscription.subscriber.whenWritable();
    // It may have ended while the client was slow.
    if ((subscription.mode as { kind: string }).kind === "ended") return;
  }
}

/** Sends the waiting live messages that no page had, and goes on live; false if too many came to hold them. */
function join(subscription: Subscription, after: number): boolean {
  subscription.flush();
  const { mode } = subscription;
  if (mode.kind !== "catching-up" || mode.overflowed) return false;
  const rest = mode.live.filter((stored) => stored.offset > after);
  subscription.send(rest);
  subscription.goLive(rest.at(-1)?.offset ?? after);
  return true;
}

/** Retention removed messages before they could be sent: the client is told, if it was not told by `recovered`. */
function passOver(subscription: Subscription, after: number, page: Page | undefined): void {
  subscription.flush();
  const to = Math.max(page?.next ?? 0, subscription.group.stream?.dispatched ?? 0);
  if (page !== undefined) {
    const { connection, encoder } = subscription.subscriber;
    connection.send(encoder.push({ kind: "gap", topic: subscription.group.filter, after, to }));
  }
  subscription.goLive(to);
}
