import type { AckPacket } from "@tidegate/protocol/mqtt";
import type { MqttClient } from "../client.ts";
import { changeOf } from "../flight.ts";
import { REASON } from "../reasons.ts";
import { SharedMember } from "../shared-member.ts";
import type { OutFlight } from "../window.ts";

/** The client has a message of QoS 1. */
export function puback(client: MqttClient, { packetId }: AckPacket): void {
  const flight = client.usedWindow?.get(packetId);
  if (flight?.qos === 1) landed(client, flight);
}

/** The client has a message of QoS 2; it keeps the packet id until PUBREL. [MQTT-4.3.3] */
export function pubrec(client: MqttClient, { packetId, code }: AckPacket): void {
  const flight = client.usedWindow?.get(packetId);
  if (flight === undefined || flight.qos !== 2 || flight.done) {
    const unknown = client.version === 5 ? REASON.idNotFound : REASON.success;
    if (code < REASON.unspecified) client.send({ type: "pubrel", packetId, code: unknown, properties: undefined });
    return;
  }
  if (code >= REASON.unspecified) return landed(client, flight);
  flight.received = true;
  const { ledger } = client.state;
  const release = (): void => client.link.sendAck("pubrel", packetId);
  // If the server forgot it now, it would send the message once more to a client that may know nothing of it any more.
  if (ledger === undefined) release();
  else ledger.before([changeOf(flight)], release);
}

export function pubcomp(client: MqttClient, { packetId }: AckPacket): void {
  const flight = client.usedWindow?.get(packetId);
  if (flight?.qos === 2) landed(client, flight);
}

function landed(client: MqttClient, flight: OutFlight): void {
  client.state.landed(client.window, flight);
  const { sender, qos, epoch, offset } = flight;
  if (qos === 1 && sender instanceof SharedMember) sender.group.done(epoch, offset);
  // Acknowledgements come many at a time: what takes their place is read together.
  client.feedLater();
}
