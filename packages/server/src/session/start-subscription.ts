import { protocolError, type Position, type ProtocolError, type Stored, type SubscribeState } from "@tidegate/protocol";
import { AckWindow } from "../delivery/ack-window.ts";
import { hasEnded, probe, replay } from "../delivery/catch-up.ts";
import { Subscription } from "../delivery/subscription.ts";
import type { Page } from "../log/log.ts";
import type { Stream } from "../log/stream.ts";
import { type ClientSession, internalError } from "./client-session.ts";
import { dropSubscription, revokeSubscription } from "./subscriptions.ts";

export interface SubscribeOptions {
  readonly since: Position | undefined;
  readonly retained: boolean;
  readonly window: number | undefined;
}

/** How a subscription began; the client is told `state` (or the error) before `replay` sends what it missed. */
export interface Started {
  readonly state: SubscribeState;
  readonly error: ProtocolError | undefined;
  readonly replay: () => void;
}

/** Most retained values that one subscription is given. */
const MAX_RETAINED = 1000;

/** Makes the subscription and starts it where the client wants it: live, or after a position. */
export function startSubscription(
  session: ClientSession,
  filter: string,
  options: SubscribeOptions,
): Started | Promise<Started> {
  const subscription = new Subscription(session.services.hub, session, filter);
  session.open?.subscriptions.push(subscription);
  const { stream } = subscription.group;
  if (stream === undefined) return liveAcrossNamespaces(subscription, options);
  if (options.since === undefined && !options.retained) return liveNow(session, subscription, stream, options.window);
  return startAfter(session, subscription, stream, options).catch((error: unknown) => {
    dropSubscription(session, subscription);
    return failed(`subscribe: ${(error as Error).message}`);
  });
}

function liveAcrossNamespaces(subscription: Subscription, { since }: SubscribeOptions): Started {
  subscription.goLive();
  const recovered = since === undefined ? undefined : false;
  return started({ epoch: undefined, offset: undefined, recovered });
}

function liveNow(
  session: ClientSession,
  subscription: Subscription,
  stream: Stream,
  window: number | undefined,
): Started {
  const offset = stream.dispatched;
  const state = { epoch: stream.log.epoch, offset, recovered: undefined };
  if (window !== undefined) return started(state, openWindow(session, subscription, stream, { window, after: offset }));
  subscription.goLive();
  return started(state);
}

async function startAfter(
  session: ClientSession,
  subscription: Subscription,
  stream: Stream,
  { since, retained, window }: SubscribeOptions,
): Promise<Started> {
  const { log } = stream;
  // Another epoch, or an offset that this log never gave out, says nothing about what was missed.
  const comparable = since !== undefined && since.epoch === log.epoch && since.offset <= log.head();
  const after = comparable ? since.offset : stream.dispatched;
  let page = await probe(subscription, log, after);
  const values = retained && !comparable ? await log.retained(subscription.group.filter, MAX_RETAINED) : [];
  if (hasEnded(subscription)) return failed("subscribe: it ended before it began");
  const recovered = since === undefined ? undefined : comparable && page.complete;
  // Who cannot recover goes on from the position of the reply: nothing at or before it may follow.
  if (!page.complete || (recovered === false && !retained)) page = nothingAfter(stream);
  const state = { epoch: log.epoch, offset: Math.max(stream.dispatched, page.next), recovered };
  const start =
    window === undefined
      ? () => replay(subscription, log, page.complete ? after : page.next, page)
      : openWindow(session, subscription, stream, { window, after: page.complete && comparable ? after : page.next });
  return started(state, () => {
    subscription.send(olderThan(values, after));
    run(session, subscription, start);
  });
}

/** A page for a subscription that cannot recover: it goes on with what is dispatched next. */
function nothingAfter(stream: Stream): Page {
  return { messages: [], next: stream.dispatched, more: false, complete: false };
}

/** Retained values that the replay after `offset` does not have. */
function olderThan(values: readonly Stored[], offset: number): readonly Stored[] {
  return values.filter((stored) => stored.offset <= offset);
}

function openWindow(
  session: ClientSession,
  subscription: Subscription,
  { log }: Stream,
  { window, after }: { readonly window: number; readonly after: number },
): () => void {
  return () => {
    const cursor = new AckWindow({
      subscription,
      log,
      clock: session.services.clock,
      size: window,
      wait: subscription.group.policy.ackWait,
      after,
      failed: (error) => lost(session, subscription, error),
    });
    subscription.enter({ kind: "windowed", window: cursor });
    cursor.start();
  };
}

function run(session: ClientSession, subscription: Subscription, start: () => void | Promise<void>): void {
  const outcome = start();
  if (outcome instanceof Promise) outcome.catch((error: unknown) => lost(session, subscription, error));
}

/** The log failed while messages were read from it: the client subscribes again with its last position. */
function lost(session: ClientSession, subscription: Subscription, error: unknown): void {
  if (hasEnded(subscription)) return;
  internalError(session.services, error, "reading history");
  revokeSubscription(
    session,
    subscription,
    "unavailable",
    "the history could not be read; subscribe again since your last position",
  );
}

function started(state: SubscribeState, replayNow: () => void = () => {}): Started {
  return { state, error: undefined, replay: replayNow };
}

function failed(message: string): Started {
  const state = { epoch: undefined, offset: undefined, recovered: undefined };
  return { state, error: protocolError("unavailable", message), replay: () => {} };
}
