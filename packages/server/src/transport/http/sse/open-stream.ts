import type { Position, SubscribeCommand, SubscribeState } from "@tidegate/protocol";
import { namespaceOf } from "@tidegate/protocol";
import { maySubscribe, type Identity } from "../../../auth/index.ts";
import { subscribe } from "../../../session/commands/subscribe.ts";
import { openSession } from "../../../session/open-session.ts";
import { Session } from "../../../session/session.ts";
import type { Call, Context } from "../context.ts";
import { refuse } from "../errors.ts";
import { repliedOf } from "../outcome.ts";
import { event, withRetry } from "./codec.ts";
import { SseConnection } from "./connection.ts";

export interface StreamRequest {
  readonly identity: Identity;
  readonly command: SubscribeCommand;
  /** Counted in by admission; counted out when the stream is over. */
  readonly address: string;
}

const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store",
  // Proxies of the nginx kind gather answers unless they are told not to.
  "X-Accel-Buffering": "no",
};

/** Milliseconds after which a browser connects again by itself, and the random part of it. */
const RETRY = 1000;
const RETRY_SPREAD = 4000;

/** Times the slow-consumer bound: the sweeper comes by once a second, a flood must not wait for it. */
const HARD_LIMIT = 8;

/** Seconds that a client has to take the end of a stream that was closed. */
const LAST_SECONDS = 5;

/** Makes a session with one subscription, and a response that is its connection. Rejects with what refused it. */
export async function openStream(call: Call, wanted: StreamRequest): Promise<Response> {
  const { context, request, server } = call;
  const connection = connect(call, wanted.address);
  const session = new Session(connection, context.sseCodec, context.services, wanted.address);
  connection.attach(session);
  try {
    admit(session, wanted.identity);
    await start(context, session, wanted.command);
  } catch (error) {
    connection.terminate();
    throw error;
  }
  // Quiet is normal for a stream of events.
  server.timeout(request, 0);
  return new Response(connection.body, { headers: HEADERS });
}

function connect({ context, request, server }: Call, address: string): SseConnection {
  const { heartbeats, admission, services } = context;
  const connection: SseConnection = new SseConnection({
    hardLimit: services.limits.maxBuffered * HARD_LIMIT,
    limitTime: () => server.timeout(request, LAST_SECONDS),
    over: () => {
      heartbeats.remove(connection, group);
      admission.leave(address);
    },
  });
  const group = heartbeats.add(connection);
  return connection;
}

/** Opens the session without the personal topic: a stream has one topic, and one position. */
function admit(session: Session, identity: Identity): void {
  const error = openSession(session, identity);
  if (error !== undefined) refuse(error.reason, error.message);
}

/** Subscribes, and sends how that went before any message. */
async function start(context: Context, session: Session, command: SubscribeCommand): Promise<void> {
  const hold = context.services.hub.hold(() => (mayHave(session, command.topic) ? [{ filter: command.topic }] : []));
  // If it is refused, so is the subscription, in its own words.
  await hold?.ready.catch(() => undefined);
  const here = currentPosition(context, command.topic);
  const decision = subscribe(session, command);
  hold?.end();
  // Awaited only if it must be: a subscription that is live already could be handed a message meanwhile.
  const { reply, after } = repliedOf(decision.do === "wait" ? await decision.outcome : decision);
  if (reply.kind !== "subscribe") throw new Error(`subscribe was answered with ${reply.kind}`);
  const { epoch, offset, recovered } = reply;
  const id = idAfter(reply, command.since, here);
  const told = event("subscribed", JSON.stringify({ epoch, offset, recovered }), id);
  session.connection.cork(() => {
    session.send(withRetry(RETRY + context.random() * RETRY_SPREAD, told));
    if (recovered === false) tellGap(session, command, reply);
    after?.();
  });
}

/** Others are refused, and nothing is asked of the log for them. */
function mayHave({ open, services }: Session, topic: string): boolean {
  return (
    open !== undefined && services.namespaces(namespaceOf(topic)) !== undefined && maySubscribe(open.identity, topic)
  );
}

/** Where a topic's log stands; undefined for a filter over several logs. */
function currentPosition({ services }: Context, topic: string): Position | undefined {
  const place = services.namespaces(namespaceOf(topic)) && services.hub.placeOf(topic);
  return place && { epoch: place.log.epoch, offset: place.dispatched };
}

/**
 * The position up to which nothing is left to send, so that a client which loses this stream before the first message
 * comes back to the right place. What is replayed has not been sent yet: the position does not count it.
 */
function idAfter(state: SubscribeState, since: Position | undefined, here: Position | undefined): string | undefined {
  if (state.recovered === true && since !== undefined) return positionId(since);
  if (state.recovered === undefined) return here && positionId(here);
  return state.epoch === undefined || state.offset === undefined ? undefined : positionId(state as Position);
}

function positionId({ epoch, offset }: Position): string {
  return `${epoch}:${offset}`;
}

/** What was missed is named as far as it can be: offsets of another epoch do not compare. */
function tellGap(session: Session, { topic, since }: SubscribeCommand, { epoch, offset }: SubscribeState): void {
  if (offset === undefined) return;
  const after = since !== undefined && since.epoch === epoch && since.offset <= offset ? since.offset : 0;
  session.send(session.encoder.push({ kind: "gap", topic, after, to: offset }));
}
