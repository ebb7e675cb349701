import { protocolError, type Position, type ProtocolError, type Stored, type SubscribeState } from "@tidegate/protocol";
import { AckWindow } from "../delivery/ack-window.ts";
import { hasEnded, probe, replay } from "../delivery/catch-up.ts";
import { Subscription } from "../delivery/subscription.ts";
import type { Page } from "../log/log.ts";
import { newestOf, type Stream } from "../log/stream.ts";
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

const ENDED_EARLY = "subscribe: it ended before it began";

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
  const ready = session.services.hub.ready(subscription.group);
  const begun =
    ready === undefined ? begin(session, subscription, options) : beginLater(session, subscription, options, ready);
  if (!(begun instanceof Promise)) return begun;
  return begun.catch((error: unknown) => {
    dropSubscription(session, subscription);
    return failed(`subscribe: ${(error as Error).message}`);
  });
}

/** The log gives the topic only when it was asked for it. */
async function beginLater(
  session: ClientSession,
  subscription: Subscription,
  options: SubscribeOptions,
  ready: Promise<void>,
): Promise<Started> {
  subscription.wait();
  await ready;
  return hasEnded(subscription) ? failed(ENDED_EARLY) : begin(session, subscription, options);
}

function begin(
  session: ClientSession,
  subscription: Subscription,
  options: SubscribeOptions,
): Started | Promise<Started> {
  const { stream } = subscription.group;
  if (stream === undefined) return liveAcrossNamespaces(subscription, options);
  if (options.since === undefined && !options.retained) return liveNow(session, subscription, stream, options.window);
  return startAfter(session, subscription, stream, options);
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
  const known = isComparable(stream, since);
  const comparable = known ?? (await isReached(session, subscription, stream, since));
  if (known === undefined && hasEnded(subscription)) return failed(ENDED_EARLY);
  const after = comparable && since !== undefined ? since.offset : stream.dispatched;
  let page = await probe(subscription, log, after);
  const values = retained && !comparable ? await log.retained(subscription.group.filter, MAX_RETAINED) : [];
  if (hasEnded(subscription)) return failed(ENDED_EARLY);
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

/**
 * Whether a position is one of this log's: another epoch, or an offset that it never gave out, says nothing about what was missed.
 * Undefined: another node may have given it out.
 */
function isComparable(stream: Stream, since: Position | undefined): boolean | undefined {
  if (since === undefined || since.epoch !== stream.log.epoch) return false;
  if (since.offset <= newestOf(stream)) return true;
  return stream.log.interest === undefined ? false : undefined;
}

/** Asks how far other nodes have come. */
function isReached(
  session: ClientSession,
  subscription: Subscription,
  stream: Stream,
  since: Position | undefined,
): Promise<boolean> {
  subscription.wait();
  return session.services.hub.hasReached(subscription.group, stream, since?.offset ?? 0);
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
