import { isWildcard, namespaceOf } from "@tidegate/protocol";
import type { SubscribePacket } from "@tidegate/protocol/mqtt";
import { enterPresence, exitPresence } from "../../session/enter-presence.ts";
import type { MqttClient } from "./client.ts";
import { REASON } from "./reasons.ts";

/** The user property of SUBSCRIBE with which a client is present in the topics of the packet; its value is what others see. */
const PRESENCE = "presence";

/**
 * Makes the client a member of the topics that it was granted, if it asks for that. Filters with wildcards and topics of
 * namespaces without presence have no members; MQTT has no packet that would tell of others.
 */
export function beThere(client: MqttClient, packet: SubscribePacket, codes: readonly number[]): void {
  const info = packet.properties?.userProperties?.find(([name]) => name === PRESENCE)?.[1];
  const { open, services } = client.session;
  if (info === undefined || open === undefined) return;
  for (const [i, { filter }] of packet.subscriptions.entries()) {
    const settings = services.namespaces(namespaceOf(filter));
    if (codes[i]! >= REASON.unspecified || isWildcard(filter) || settings?.presence.enabled !== true) continue;
    enterPresence(client.session, open, filter, infoOf(info), settings);
  }
}

export function leaveIt(client: MqttClient, filter: string): void {
  exitPresence(client.session, filter);
}

/** The client has said goodbye: it is gone at once, unless its node drains, so that it is about to come back elsewhere. */
export function leaveAll({ session }: MqttClient): void {
  if (session.services.isDraining()) return;
  for (const topic of session.open?.present ?? []) exitPresence(session, topic);
}

/** JSON text: what is none is a JSON string. */
function infoOf(text: string): string | undefined {
  if (text === "") return undefined;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
