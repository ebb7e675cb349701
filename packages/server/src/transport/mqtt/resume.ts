import { isWildcard, namespaceOf, type Stored } from "@tidegate/protocol";
import { parseShared } from "@tidegate/protocol/mqtt";
import { maySubscribe } from "../../auth/index.ts";
import type { Flight, StoredSession, StoredSubscription } from "../../durable/session-store.ts";
import type { Wish } from "../../delivery/interests.ts";
import type { MqttClient } from "./client.ts";
import { Courier } from "./courier.ts";
import { Feed } from "./feed.ts";
import { readMark } from "./flight.ts";
import { postAgain } from "./post.ts";
import { SharedMember, type SharedWish } from "./shared.ts";
import { type ActiveSubscription, filterOfKey, readSubscription, type StartAt } from "./subscription.ts";
import type { OutFlight, Sender } from "./window.ts";

/** What is to be done when the client has been told that its session is there. */
export interface Resumption {
  begin(): void;
}

/** Builds a session again from what was stored: subscriptions where they were, and what was under way. */
export function resume(client: MqttClient, stored: StoredSession): Resumption {
  const { state } = client;
  for (const subscription of stored.subscriptions) revive(client, subscription);
  const flights: OutFlight[] = [];
  for (const flight of stored.flights) {
    const { direction, packet, messageId } = flight;
    if (direction === "out") flights.push(departAgain(client, flight));
    else (state.received ??= new Map()).set(packet, { messageId, logged: flight.state === "received" });
  }
  // As a topic had them, whatever their QoS: they were stored as it fell.
  flights.sort((a, b) => (a.epoch === b.epoch ? a.offset - b.offset : a.epoch < b.epoch ? -1 : 1));
  const begin = async (): Promise<void> => {
    client.isResuming = true;
    await sendAll(client, flights);
    client.isResuming = false;
    for (const subscription of [...state.all]) subscription.release?.();
    client.feed();
  };
  return { begin: () => void begin().catch((error: unknown) => client.failed(error, "resuming a session")) };
}

/** What the logs must give before the session goes on, and how far they must have come. */
export function wishesOf({ subscriptions }: StoredSession): Wish[] {
  return subscriptions.map(({ filter, options, positions }) => {
    const named = filterOfKey(parseShared(filter)?.filter ?? filter);
    return { filter: named, since: startOf(readSubscription(options), positions) };
  });
}

/** What it shares with others: on every gateway of a cluster. */
export function sharedWishesOf({ subscriptions }: StoredSession): SharedWish[] {
  return subscriptions.flatMap(({ filter: whole, options, positions }) => {
    const shared = parseShared(whole);
    const startAt = startOf(readSubscription(options), positions);
    return shared === undefined ? [] : [{ whole, filter: shared.filter, startAt }];
  });
}

/** A log in which no position was stored begins where the client subscribed. */
function startOf({ since }: { readonly since: StartAt }, positions: StoredSubscription["positions"]): StartAt {
  return new Map([...since, ...positions.map(({ epoch, offset }) => [epoch, offset] as const)]);
}

/** Whoever may no longer subscribe to it has lost the subscription. */
function revive(client: MqttClient, { filter, options, positions }: StoredSubscription): void {
  const { context, state, session } = client;
  const wanted = readSubscription(options);
  const shared = parseShared(filter);
  const named = filterOfKey(shared?.filter ?? filter);
  const namespace = namespaceOf(named);
  const identity = session.open?.identity;
  const isAllowed = identity !== undefined && maySubscribe(identity, named);
  if (!isAllowed || (!isWildcard(namespace) && context.services.namespaces(namespace) === undefined))
    return state.ledger?.note({ kind: "unsubscribe", filter });
  const startAt = startOf(wanted, positions);
  if (shared !== undefined) return state.put(context.shared.join(client, filter, shared, wanted.options, startAt));
  if (wanted.until !== undefined) return state.putEnded(new Courier(client, named, wanted, { startAt, key: filter }));
  if (wanted.since.size > 0) return state.put(new Courier(client, filter, wanted, { startAt }));
  const feed = new Feed(client, filter, wanted);
  feed.hold();
  state.put(feed);
}

/** Takes its packet id and its room, before anything else does. */
function departAgain(client: MqttClient, flight: Flight): OutFlight {
  const { packet, filter, epoch, offset, state } = flight;
  const { qos, retained } = readMark(flight);
  const subscription = client.state.all.find(({ key }) => key === filter);
  const sender: Sender = subscription ?? { filter: filterOfKey(filter), key: filter, options: { ...GONE, qos } };
  // What is older than the subscription was under way of another one with this filter.
  const isOwn = !retained && offset > (subscription?.since.get(epoch) ?? 0);
  const cursor = isOwn ? cursorOf(subscription, epoch) : undefined;
  const received = state === "received";
  // Of QoS 1 only those are stored as received that the client has acknowledged.
  const done = received && qos === 1;
  const out = { packet, sender, cursor, epoch, offset, qos, retained, received, done, stored: true };
  client.window.put(out);
  if (subscription instanceof Courier) subscription.passOver(out);
  if (subscription instanceof SharedMember) subscription.group.passOver(epoch, offset);
  return out;
}

/** Of a subscription that was ended: what is under way of it is finished. [MQTT-3.10.4-3] */
const GONE = { noLocal: false, retainAsPublished: false, subscriptionId: undefined } as const;

function cursorOf(subscription: ActiveSubscription | undefined, epoch: string) {
  return subscription instanceof Courier
    ? subscription.reader.cursors.find(({ stream }) => stream.log.epoch === epoch)
    : undefined;
}

/**
 * In the order in which they were sent first, and no more at a time than the client takes now: it may have come back with a
 * smaller receive maximum. [MQTT-4.4.0-1, MQTT-4.9.0-2]
 */
async function sendAll(client: MqttClient, flights: readonly OutFlight[]): Promise<void> {
  const sent: OutFlight[] = [];
  let first = 0;
  for (const flight of flights) {
    while (!flight.received && sent.length - first >= client.maxInflight)
      if (sent[first]!.done) first += 1;
      else await new Promise<void>((pump) => client.hungry.add({ pump }));
    await sendAgain(client, flight);
    if (!flight.received) sent.push(flight);
  }
}

async function sendAgain(client: MqttClient, flight: OutFlight): Promise<void> {
  if (client.phase === "closed") return;
  // Nothing will cover what is done and belongs to no subscription.
  if (flight.done && flight.cursor === undefined) client.state.letGo(client.window, flight);
  if (flight.done) return;
  if (flight.received) return client.link.sendAck("pubrel", flight.packet);
  if (!client.isWritable) await client.whenWritable();
  const stored = await find(client, flight);
  if (client.window.get(flight.packet) === flight) postAgain(client, stored, flight);
}

/** The message; undefined if retention has removed it, or its log is lost. */
async function find({ context }: MqttClient, { sender, epoch, offset }: OutFlight): Promise<Stored | undefined> {
  const stream = context.streams().find(({ log }) => log.epoch === epoch);
  if (stream === undefined) return undefined;
  const filter = parseShared(sender.filter)?.filter ?? sender.filter;
  const { messages } = await stream.log.read({ filter, after: offset - 1, limit: 1 });
  return messages[0]?.offset === offset ? messages[0] : undefined;
}
