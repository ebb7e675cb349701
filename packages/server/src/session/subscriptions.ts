import { protocolError, type ErrorReason } from "@tidegate/protocol";
import type { Subscription } from "../delivery/subscription.ts";
import { fail, type Decision } from "./decision.ts";
import { exitPresence } from "./enter-presence.ts";
import type { ClientSession } from "./client-session.ts";

/** A list is searched because nearly every client has few subscriptions, and a map of its own would cost each of them. */
export function findSubscription(session: ClientSession, filter: string): Subscription | undefined {
  return session.open?.subscriptions.find((each) => each.group.filter === filter);
}

export function notSubscribed(filter: string): Decision {
  return fail("not_subscribed", `this connection has no subscription of ${filter}`);
}

/** Ends a subscription, and the presence that came with it. */
export function dropSubscription(session: ClientSession, subscription: Subscription): void {
  const { open } = session;
  if (open === undefined) return;
  const index = open.subscriptions.indexOf(subscription);
  if (index >= 0) open.subscriptions.splice(index, 1);
  subscription.end();
  exitPresence(session, subscription.group.filter);
}

/** The server ends a subscription and says why. */
export function revokeSubscription(
  session: ClientSession,
  subscription: Subscription,
  reason: ErrorReason,
  why: string,
): void {
  dropSubscription(session, subscription);
  const error = protocolError(reason, why);
  session.send(session.encoder.push({ kind: "unsubscribed", topic: subscription.group.filter, error }));
}
