import type { Flight, StoredSession, StoredSubscription } from "../../durable/session-store.ts";
import type { MqttClient } from "./client.ts";
import { Courier } from "./courier.ts";
import { Feed } from "./feed.ts";
import type { Cursor } from "./log-reader.ts";
import { parseShared } from "@tidegate/protocol/mqtt";
import { readSubscription } from "./subscription.ts";
import type { OutFlight } from "./window.ts";

/** What is to be done when the client has been told that its session is there. */
export interface Resumption {
  begin(): void;
}

/** Builds a session again from what was stored: subscriptions where they were, and what was under way. */
export async function resume(client: MqttClient, stored: StoredSession): Promise<Resumption> {
  const { state } = client;
  for (const subscription of stored.subscriptions) state.put(revive(client, subscription));
  const first: (() => void)[] = [];
  for (const flight of stored.flights)
    if (flight.direction === "in") (state.received ??= new Map()).set(flight.packet, flight.messageId);
    else {
      const send = await again(client, flight);
      if (send !== undefined) first.push(send);
      else state.ledger?.note({ kind: "landed", direction: "out", packet: flight.packet });
    }
  return {
    begin: () => {
      for (const send of first) send();
      for (const subscription of state.subscriptions) if (subscription instanceof Courier) subscription.release();
    },
  };
}

function revive(client: MqttClient, { filter, options, positions }: StoredSubscription) {
  const wanted = readSubscription(options);
  const startAt = new Map(positions.map(({ epoch, offset }) => [epoch, offset]));
  const shared = parseShared(filter);
  if (shared !== undefined) return client.context.shared.join(client, filter, shared, wanted.options, startAt);
  return wanted.options.qos === 0
    ? new Feed(client, filter, wanted.options)
    : new Courier(client, filter, wanted, startAt);
}

/** What sends it again, with its packet id; undefined if that cannot be: it was removed, or nobody wants it any more. */
async function again(client: MqttClient, stored: Flight): Promise<(() => void) | undefined> {
  const courier = client.state.find(stored.filter);
  if (!(courier instanceof Courier)) return undefined;
  const cursor = courier.reader.cursors.find(({ stream }) => stream.log.epoch === stored.epoch);
  if (cursor === undefined) return undefined;
  const { packet, offset } = stored;
  const common = { packet, courier, cursor, offset, done: false, stored: true } as const;
  if (stored.state === "received") {
    const flight = client.window.put({ ...common, qos: 2, received: true });
    courier.passOver(flight);
    return () => client.link.sendAck("pubrel", packet);
  }
  return sendAgain(client, courier, cursor, common);
}

async function sendAgain(
  client: MqttClient,
  courier: Courier,
  cursor: Cursor,
  flight: Omit<OutFlight, "qos" | "received">,
): Promise<(() => void) | undefined> {
  const page = await cursor.stream.log.read({ filter: courier.filter, after: flight.offset - 1, limit: 1 });
  const message = page.messages[0];
  if (message?.offset !== flight.offset) return undefined;
  const qos = Math.min(message.message.quality ?? 2, courier.options.qos) === 2 ? 2 : 1;
  const put = client.window.put({ ...flight, qos, received: false });
  courier.passOver(put);
  return () => courier.sendAgain(message, put);
}
