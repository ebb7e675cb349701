import { filterFault, isWildcard, namespaceOf, type Stored } from "@tidegate/protocol";
import { parseShared, type Subscription as Wanted, type SubscribePacket } from "@tidegate/protocol/mqtt";
import { maySubscribe } from "../../../auth/index.ts";
import type { SessionChange } from "../../../durable/session-store.ts";
import type { MqttClient } from "../client.ts";
import { Courier } from "../courier.ts";
import { Feed } from "../feed.ts";
import { REASON } from "../reasons.ts";
import { nowIn } from "../log-reader.ts";
import { type SubscriptionOptions, writeSubscription } from "../subscription.ts";

/** Most retained values that one subscription is given. */
const MAX_RETAINED = 10_000;

/** What a subscription does when the client has its SUBACK. */
type After = () => void;

/** Each subscription of the packet stands by itself: some may be granted, others not. [MQTT-3.8.4-5] */
export function subscribe(client: MqttClient, { packetId, subscriptions, properties }: SubscribePacket): void {
  const subscriptionId = properties?.subscriptionIdentifiers?.[0];
  const changes: SessionChange[] = [];
  const after: After[] = [];
  const codes = subscriptions.map((wanted) => grant(client, wanted, subscriptionId, changes, after));
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
  const shared = parseShared(wanted.filter);
  const refusal = refusalOf(client, shared?.filter ?? wanted.filter, wanted.filter);
  if (refusal !== undefined) return refusal;
  const { qos, noLocal, retainAsPublished } = wanted;
  const options: SubscriptionOptions = { qos, noLocal, retainAsPublished, subscriptionId };
  if (shared !== undefined) {
    client.state.remove(wanted.filter);
    client.state.put(client.context.shared.join(client, wanted.filter, shared, options, new Map()));
  } else after.push(begin(client, wanted, options));
  const made = client.state.find(wanted.filter);
  if (made !== undefined) changes.push({ kind: "subscribe", filter: made.filter, options: writeSubscription(made) });
  return qos;
}

function refusalOf(client: MqttClient, filter: string, whole: string): number | undefined {
  const { services } = client.context;
  const { open } = client.session;
  if (open === undefined) return REASON.unspecified;
  if (filterFault(filter) !== undefined) return REASON.filterInvalid;
  // Whether a namespace exists is not told to those who cannot use it.
  if (services.namespaces(namespaceOf(filter)) === undefined) return REASON.unspecified;
  if (!maySubscribe(open.identity, filter)) return REASON.notAuthorized;
  const { subscriptions } = client.state;
  const isNew = client.state.find(whole) === undefined;
  return isNew && subscriptions.length >= services.limits.maxSubscriptions ? REASON.quota : undefined;
}

/** Makes the subscription, or changes the one with this filter. It begins now, and is heard of after SUBACK. */
function begin(client: MqttClient, { filter, retainHandling }: Wanted, options: SubscriptionOptions): After {
  const { state } = client;
  const before = state.find(filter);
  const wantsRetained = retainHandling === 0 || (retainHandling === 1 && before === undefined);
  if (options.qos === 0) {
    before?.stop();
    const feed = new Feed(client, filter, options);
    state.put(feed);
    feed.hold();
    return () => withRetained(client, filter, wantsRetained, (values) => feed.release(values));
  }
  // What is under way, and what is still to be read, goes on under the new options.
  if (before instanceof Courier) before.options = options;
  else before?.stop();
  const courier =
    before instanceof Courier
      ? before
      : new Courier(client, filter, { options, since: nowIn(client.context, filter) }, new Map());
  state.put(courier);
  return () => withRetained(client, filter, wantsRetained, (values) => courier.release(values));
}

function withRetained(
  client: MqttClient,
  filter: string,
  wanted: boolean,
  then: (values: readonly Stored[]) => void,
): void {
  if (!wanted) return then([]);
  retained(client, filter).then(then, (error: unknown) => client.failed(error, "reading retained values"));
}

async function retained({ context }: MqttClient, filter: string): Promise<readonly Stored[]> {
  const namespace = namespaceOf(filter);
  const streams = isWildcard(namespace) ? context.streams() : [context.services.streamOf(namespace)];
  const found = await Promise.all(streams.map(({ log }) => log.retained(filter, MAX_RETAINED)));
  return found.flat();
}
