import { filterFault, namespaceOf } from "@tidegate/protocol";
import { parseShared, type Subscription as Wanted, type SubscribePacket } from "@tidegate/protocol/mqtt";
import { maySubscribe } from "../../../auth/index.ts";
import type { SessionChange } from "../../../durable/session-store.ts";
import type { MqttClient } from "../client.ts";
import { Courier } from "../courier.ts";
import { Feed } from "../feed.ts";
import { beThere } from "../presence.ts";
import { REASON } from "../reasons.ts";
import { nowIn } from "../cursor.ts";
import { SharedMember, type SharedWish } from "../shared.ts";
import {
  type ActiveSubscription,
  FROM_NOW,
  optionsOf,
  type StartAt,
  type SubscriptionOptions as Options,
  writeSubscription,
} from "../subscription.ts";

/** Filters of one packet that are granted, if a client may not have more; the rest is refused. */
const MOST_FILTERS = 1000;

/** What a subscription does when the client has its SUBACK. */
type After = () => void;

/** What is wanted, and what the client has under this filter. */
interface Request {
  readonly wanted: Wanted;
  readonly before: ActiveSubscription | undefined;
}

interface Granted {
  readonly made: ActiveSubscription;
  readonly act: After;
}

/** Each subscription of the packet stands by itself: some may be granted, others not. [MQTT-3.8.4-5] */
export function subscribe(client: MqttClient, packet: SubscribePacket): void {
  const hold = client.context.services.hub.hold(() => allowed(client, packet));
  const shares = client.context.shared.hold(() => sharedOf(client, packet));
  if (hold === undefined && shares === undefined) return grantAll(client, packet);
  client.holdBack();
  void Promise.all([hold?.ready, shares?.ready])
    .then(
      () => client.phase === "open" && grantAll(client, packet),
      (error: unknown) => refuseAll(client, packet, error),
    )
    .finally(() => {
      hold?.end();
      shares?.end();
      if (client.phase === "open") client.opened();
    });
}

/** What must be in force before the client hears that it is subscribed. */
function allowed(client: MqttClient, packet: SubscribePacket): { readonly filter: string }[] {
  const wanted = considered(client, packet).map(({ filter }) => ({
    filter: parseShared(filter)?.filter ?? filter,
    before: client.state.find(filter),
  }));
  return wanted.filter(({ filter, before }) => refusalOf(client, filter, before) === undefined);
}

/** What the client is about to share with others. */
function sharedOf(client: MqttClient, packet: SubscribePacket): SharedWish[] {
  return considered(client, packet).flatMap(({ filter: whole }) => {
    const filter = parseShared(whole)?.filter;
    const isGranted = filter !== undefined && refusalOf(client, filter, client.state.find(whole)) === undefined;
    return isGranted ? [{ whole, filter, startAt: FROM_NOW }] : [];
  });
}

/** Those that are looked at: nobody else is served until it is done. */
function considered({ context }: MqttClient, { subscriptions }: SubscribePacket): readonly Wanted[] {
  return subscriptions.slice(0, Math.max(MOST_FILTERS, context.services.limits.maxSubscriptions));
}

/** The log does not give the topics now: the client may ask again. */
function refuseAll(client: MqttClient, { packetId, subscriptions }: SubscribePacket, error: unknown): void {
  if (client.phase !== "open") return;
  client.context.services.logger.warn({ err: error, client: client.clientId }, "mqtt: a subscription was refused");
  const codes = subscriptions.map(() => (client.version === 5 ? REASON.implementation : REASON.unspecified));
  client.send({ type: "suback", packetId, codes, properties: undefined });
}

function grantAll(client: MqttClient, packet: SubscribePacket): void {
  const { packetId, subscriptions, properties } = packet;
  const subscriptionId = properties?.subscriptionIdentifiers?.[0];
  const changes: SessionChange[] = [];
  const after: After[] = [];
  client.state.flush();
  const granted = considered(client, packet).map((wanted) => grant(client, wanted, subscriptionId, changes, after));
  const codes = subscriptions.map((_, i) => granted[i] ?? REASON.quota);
  beThere(client, packet, codes);
  const answer = (): void => {
    client.send({ type: "suback", packetId, codes, properties: undefined });
    for (const begin of after) begin();
  };
  const { ledger } = client.state;
  if (ledger === undefined) answer();
  else ledger.before(changes, answer);
}

function grant(
  client: MqttClient,
  wanted: Wanted,
  subscriptionId: number | undefined,
  changes: SessionChange[],
  after: After[],
): number {
  const { state } = client;
  const before = state.find(wanted.filter);
  const shared = parseShared(wanted.filter);
  const refusal = refusalOf(client, shared?.filter ?? wanted.filter, before);
  if (refusal !== undefined) return refusal;
  const { qos, noLocal, retainAsPublished } = wanted;
  const options: Options = optionsOf({ qos, noLocal, retainAsPublished, subscriptionId });
  const request = { wanted, before };
  const granted =
    shared === undefined ? begin(client, request, options) : share(client, request, shared.filter, options);
  after.push(granted.act);
  if (state.ledger !== undefined)
    changes.push({ kind: "subscribe", filter: wanted.filter, options: writeSubscription(granted.made) });
  return qos;
}

/** `before`: what the client has under the whole filter. */
function refusalOf(client: MqttClient, filter: string, before: ActiveSubscription | undefined): number | undefined {
  const { services } = client.context;
  const { open } = client.session;
  if (open === undefined) return REASON.unspecified;
  if (filterFault(filter) !== undefined) return REASON.filterInvalid;
  // Whether a namespace exists is not told to those who cannot use it.
  if (services.namespaces(namespaceOf(filter)) === undefined) return REASON.unspecified;
  if (!maySubscribe(open.identity, filter)) return REASON.notAuthorized;
  const isFull = client.state.all.length >= services.limits.maxSubscriptions;
  return before === undefined && isFull ? REASON.quota : undefined;
}

/** Joins the others, or changes what the client wants of them. Retained values are for nobody. [MQTT-3.3.1-11, 4.8.2] */
function share(client: MqttClient, { wanted, before }: Request, filter: string, options: Options): Granted {
  if (before instanceof SharedMember) {
    before.options = options;
    return { made: before, act: () => before.group.pump() };
  }
  const member = client.context.shared.join(client, wanted.filter, { filter }, options, FROM_NOW);
  client.state.put(member, before);
  return { made: member, act: () => member.release() };
}

/** Makes the subscription, or changes the one with this filter. It begins now, and is heard of after SUBACK. */
function begin(client: MqttClient, { wanted: { filter, retainHandling }, before }: Request, options: Options): Granted {
  const { state } = client;
  const since = nowIn(client.context, filter);
  const subscription = before instanceof Courier ? changed(before, options) : made(client, filter, options, since);
  if (before === subscription) state.changed();
  else state.put(subscription, before);
  const go = (): void => (before instanceof Courier ? before.pump() : subscription.release());
  const isGiven = retainHandling === 0 || (retainHandling === 1 && before === undefined);
  // Values that were there when the client subscribed: newer ones come to it as live messages.
  const act = isGiven ? () => client.context.retained.give(client, subscription, since) : go;
  return { made: subscription, act };
}

/** What is under way, and what is still to be read, goes on under the new options. [MQTT-3.8.4-3, MQTT-3.8.4-4] */
function changed(before: Courier, options: Options): Courier {
  before.options = options;
  return before;
}

function made(client: MqttClient, filter: string, options: Options, since: StartAt): Courier | Feed {
  const order = client.state.nextOrder;
  const wanted = { options, since, rank: options.qos, order };
  if (options.qos > 0) return new Courier(client, filter, wanted, { startAt: FROM_NOW });
  const feed = new Feed(client, filter, wanted);
  feed.hold();
  return feed;
}
