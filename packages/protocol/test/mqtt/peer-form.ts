import type { Packet } from "mqtt-packet";
import type { MqttPacket, MqttProperties } from "../../src/mqtt.ts";

/** Packets in the words of mqtt-packet, for both directions: what it is given to write, and what it must have read. */

type Fields = Record<string, unknown>;

/** It knows user properties as an object, in which names that come again are lists. */
function peerUserProperties(pairs: readonly (readonly [string, string])[]): Fields {
  const out: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of pairs) {
    const before = out[name];
    out[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return out;
}

function peerValue(name: string, value: unknown): readonly [string, unknown] {
  if (name === "userProperties") return [name, peerUserProperties(value as readonly (readonly [string, string])[])];
  if (name === "payloadFormatIndicator") return [name, value === 1];
  if (name === "subscriptionIdentifierAvailable") return ["subscriptionIdentifiersAvailable", value];
  if (name === "subscriptionIdentifiers") {
    const list = value as readonly number[];
    return ["subscriptionIdentifier", list.length === 1 ? list[0] : list];
  }
  return [name, value instanceof Uint8Array ? Buffer.from(value) : value];
}

function peerProperties(properties: MqttProperties | undefined): Fields {
  if (properties === undefined) return {};
  return { properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => peerValue(name, value))) };
}

const buffer = (bytes: Uint8Array | undefined): Buffer | undefined => bytes && Buffer.from(bytes);

function defined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The fields of the packet beside its properties. */
function fieldsOf(packet: MqttPacket, version: 4 | 5): Fields {
  switch (packet.type) {
    case "connect": {
      const { clientId, cleanStart: clean, keepAlive: keepalive, username, password, will } = packet;
      const last = will && { ...will, payload: buffer(will.payload), ...peerProperties(will.properties) };
      if (last !== undefined && will?.properties === undefined) delete (last as Fields)["properties"];
      const fields = { protocolVersion: version, clientId, clean, keepalive, username };
      return { ...fields, password: buffer(password), will: last };
    }
    case "publish": {
      const { topic, payload, qos, retain, dup, packetId } = packet;
      return { topic, payload: buffer(payload), qos, retain, dup, messageId: packetId };
    }
    case "subscribe": {
      const subscriptions = packet.subscriptions.map(
        ({ filter: topic, qos, noLocal, retainAsPublished, retainHandling }) =>
          version === 5 ? { topic, qos, nl: noLocal, rap: retainAsPublished, rh: retainHandling } : { topic, qos },
      );
      return { messageId: packet.packetId, subscriptions };
    }
    case "unsubscribe":
      return { messageId: packet.packetId, unsubscriptions: packet.filters };
    case "suback":
    case "unsuback":
      return {
        messageId: packet.packetId,
        ...(version === 5 || packet.type === "suback" ? { granted: packet.codes } : {}),
      };
    case "connack": {
      const { sessionPresent, code } = packet;
      return version === 5 ? { sessionPresent, reasonCode: code } : { sessionPresent, returnCode: code };
    }
    case "disconnect":
    case "auth":
      return version === 5 ? { reasonCode: packet.code } : {};
    case "pingreq":
    case "pingresp":
      return {};
    default:
      return { messageId: packet.packetId, ...(version === 5 ? { reasonCode: packet.code } : {}) };
  }
}

export function toPeer(packet: MqttPacket, version: 4 | 5): Packet {
  const properties = "properties" in packet ? peerProperties(packet.properties) : {};
  return defined({ cmd: packet.type, ...fieldsOf(packet, version), ...properties }) as unknown as Packet;
}
