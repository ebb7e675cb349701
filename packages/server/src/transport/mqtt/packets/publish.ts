import { protocolError, topicFault, type PublishCommand } from "@tidegate/protocol";
import type { AckPacket, PublishPacket } from "@tidegate/protocol/mqtt";
import { tooFast } from "../../../pipeline/admit.ts";
import { submit } from "../../../session/commands/publish.ts";
import { AliasesIn } from "../aliases.ts";
import { EXACTLY_ONCE, type MqttClient } from "../client.ts";
import { headersOf, priorityOf, tooMany } from "../headers.ts";
import { pace } from "../pace.ts";
import { payloadOf } from "../payload.ts";
import { REASON } from "../reasons.ts";
import { arrived, type InFlight } from "../received.ts";

/** Takes a message for storage. It is acknowledged when it is stored. */
export function publish(client: MqttClient, packet: PublishPacket): void {
  const topic = topicOf(client, packet);
  if (topic === undefined) return;
  const { qos, packetId } = packet;
  if (qos === 0 || packetId === undefined) return store(client, packet, topic, undefined, undefined);
  const { state, context } = client;
  const known = qos === 2 ? state.received?.get(packetId) : undefined;
  if (
    known === undefined &&
    client.unanswered + (state.received?.size ?? 0) >= context.settings.maxInflight &&
    client.version === 5
  )
    return client.close(REASON.receiveMaximum, `more than ${context.settings.maxInflight} messages are under way`);
  if (qos === 1) {
    client.unanswered += 1;
    return store(client, packet, topic, packetId, undefined);
  }
  exactlyOnce(client, packet, topic, packetId, known);
}

/**
 * A message of QoS 2 is stored under an id that is kept until PUBREL: when it comes again, the log knows it. The id is
 * stored first, so that this also holds if the server is killed between the two.
 */
function exactlyOnce(
  client: MqttClient,
  packet: PublishPacket,
  topic: string,
  packetId: number,
  known: InFlight | undefined,
): void {
  const { state, context, link } = client;
  // [MQTT-4.3.3-10]
  if (known?.logged === true) return link.sendAck("pubrec", packetId);
  const flight = known ?? { messageId: context.randomId(), logged: false };
  const go = (): void => store(client, packet, topic, packetId | EXACTLY_ONCE, flight.messageId);
  const { ledger } = state;
  if (known === undefined) (state.received ??= new Map()).set(packetId, flight);
  if (ledger === undefined) go();
  else if (known === undefined) ledger.before([arrived(packetId, flight)], go);
  // It must not go before the first one, which may still wait for the store.
  else ledger.behind(go);
}

/** The client lets go of the packet id. [MQTT-4.3.3-11] */
export function pubrel(client: MqttClient, { packetId }: AckPacket): void {
  const { state } = client;
  const known = state.received?.delete(packetId) ?? false;
  if (!known) {
    const code = client.version === 5 ? REASON.idNotFound : REASON.success;
    return client.send({ type: "pubcomp", packetId, code, properties: undefined });
  }
  const complete = (): void => client.link.sendAck("pubcomp", packetId);
  // Once it has PUBCOMP, the client may use the id for another message: the server must have forgotten this one.
  if (state.ledger === undefined) complete();
  else state.ledger.before([{ kind: "landed", direction: "in", packet: packetId }], complete);
}

/** The topic, by its name or its alias; undefined if the connection was ended for it. */
function topicOf(client: MqttClient, { topic, properties }: PublishPacket): string | undefined {
  const alias = properties?.topicAlias;
  if (alias === undefined) return topic;
  if (alias > client.context.settings.maxAliases) {
    client.close(REASON.aliasInvalid, `topic aliases go up to ${client.context.settings.maxAliases}`);
    return undefined;
  }
  const resolved = (client.aliasesIn ??= new AliasesIn()).resolve(topic, alias);
  if (resolved === undefined) client.close(REASON.protocolError, `the topic alias ${alias} was never set`);
  return resolved;
}

function store(
  client: MqttClient,
  packet: PublishPacket,
  topic: string,
  ticket: number | undefined,
  messageId: string | undefined,
): void {
  const { session, context } = client;
  const { open } = session;
  if (open === undefined) return;
  if (topic !== client.soundTopic) {
    const fault = topicFault(topic);
    if (fault !== undefined)
      return client.refused(ticket, protocolError("invalid_argument", `the topic ${topic}: ${fault}`));
    client.soundTopic = topic;
  }
  if (packet.properties !== undefined && tooMany(packet.properties))
    return client.refused(ticket, protocolError("limit_reached", "the properties have more than 65,536 characters"));
  if (!pace(client, open)) return client.refused(ticket, tooFast(context.services.limits.publishRate));
  const command = commandOf(client, packet, topic, ticket, messageId);
  const { heard: at } = client;
  const source = { from: open, origin: "mqtt", at, answer: client, quality: packet.qos, isPaced: true } as const;
  const refusal = submit(context.services, source, command);
  if (refusal !== undefined) client.refused(ticket, refusal);
}

function commandOf(
  client: MqttClient,
  { payload, retain, properties }: PublishPacket,
  topic: string,
  id: number | undefined,
  messageId: string | undefined,
): PublishCommand {
  const marked = client.state.all.some(({ options }) => options.noLocal);
  return {
    kind: "publish",
    id,
    topic,
    payload: payloadOf(payload),
    messageId,
    priority: priorityOf(properties),
    headers: headersOf(properties, marked ? client.clientId : undefined),
    retain,
  };
}
