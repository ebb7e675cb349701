import type { Stored } from "@tidegate/protocol";
import { encodeAck, withPacketId } from "@tidegate/protocol/mqtt";
import type { MqttClient } from "./client.ts";
import { encodeFor, publishOf } from "./deliver.ts";
import { changeOf } from "./flight.ts";
import type { OutFlight } from "./window.ts";

/**
 * Sends a message of QoS 1 or 2 under its packet id. One of QoS 2 is stored first: what the server would send again, if it
 * died now, must have the same packet id.
 */
export function post(client: MqttClient, stored: Stored, flight: OutFlight, ids: readonly number[]): void {
  const { state } = client;
  const { retained, qos, sender } = flight;
  const parts = client.form(sender.options, { qos, retained, ids, again: false });
  const publish = publishOf(stored, parts);
  if (publish === undefined) return state.letGo(client.window, flight);
  // Made when it is sent, so that topic aliases are in the order of the packets.
  const send = (): void => client.link.send(withPacketId(encodeFor(publish, parts), flight.packet, false));
  if (state.ledger === undefined) send();
  else if (qos === 1) state.ledger.behind(send);
  else state.ledger.before([changeOf(flight)], send);
}

/** Sends a message once more that was sent to a connection which broke. `stored` is undefined if it is there no more. */
export function postAgain(client: MqttClient, stored: Stored | undefined, flight: OutFlight): void {
  const { retained, qos, sender, packet } = flight;
  const parts = client.form(sender.options, { qos, retained, ids: idsOf(sender.options), again: true });
  const publish = stored === undefined ? undefined : publishOf(stored, parts);
  if (publish !== undefined) client.link.send(withPacketId(encodeFor({ ...publish, qos }, parts), packet, true));
  else if (qos === 1) client.state.letGo(client.window, flight);
  else release(client, flight);
}

/**
 * The message cannot be sent again, but the client may have it and keep its packet id: it would take the next message under
 * this id for the same one. PUBREL ends that.
 */
function release(client: MqttClient, flight: OutFlight): void {
  flight.received = true;
  client.link.send(encodeAck("pubrel", flight.packet));
}

function idsOf({ subscriptionId }: OutFlight["sender"]["options"]): readonly number[] {
  return subscriptionId === undefined ? [] : [subscriptionId];
}
