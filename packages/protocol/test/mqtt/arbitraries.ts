import fc from "fast-check";
import type {
  MqttPacket,
  MqttProperties,
  MqttVersion,
  PublishPacket,
  Qos,
  Subscription,
  Will,
} from "../../src/mqtt.ts";
import { PROPERTIES, type Place, type Property, type ValueKind } from "../../src/mqtt/properties.ts";
import { REASONS } from "../../src/mqtt.ts";
import type { Role } from "./support.ts";

/** Text of all planes, but for what MQTT forbids. */
const texts = fc.string({ unit: fc.oneof(fc.constantFrom("a", "/", "é", "😀", "\ufeff"), grapheme()) });

function grapheme(): fc.Arbitrary<string> {
  return fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }).filter((one) => !one.includes("\0"));
}

const bytes = fc.uint8Array({ maxLength: 40 });
const qos = fc.constantFrom<Qos>(0, 1, 2);
const uint16 = fc.nat(0xffff);
const ids = fc.integer({ min: 1, max: 0xffff });
const level = texts.map((text) => text.replaceAll(/[+#/]/g, ""));

const topics = fc
  .array(level, { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join("/"))
  .filter((topic) => topic !== "");

/** No shared ones: 5.0 is strict about them. */
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, all]) => [...levels, ...(all ? ["#"] : [])].join("/"))
  .filter((filter) => filter !== "" && !filter.startsWith("$share/"));

const values: Readonly<Record<ValueKind, fc.Arbitrary<unknown>>> = {
  flag: fc.boolean(),
  bit: fc.constantFrom(0, 1),
  uint16,
  uint32: fc.nat(0xffff_ffff),
  varint: fc.oneof(
    fc.integer({ min: 1, max: 0xfff_ffff }),
    fc.constantFrom(1, 127, 128, 16383, 16384, 2097151, 2097152),
  ),
  text: texts,
  topic: topics,
  binary: bytes,
  pair: fc.tuple(texts, texts),
};

function valueOf({ kind, list, zero, name }: Property, place: Place): fc.Arbitrary<unknown> {
  const value = zero === undefined ? values[kind] : values[kind].filter((one) => one !== 0);
  if (list !== true) return value;
  return fc.array(value, { minLength: 1, maxLength: place === "subscribe" && name !== "userProperties" ? 1 : 3 });
}

/** Some of the properties of this place, in any order; undefined where there is none, as a decoder gives it. */
function properties(place: Place, without: readonly string[] = []): fc.Arbitrary<MqttProperties | undefined> {
  const list = PROPERTIES.filter(({ places, name }) => places.includes(place) && !without.includes(name));
  return fc
    .shuffledSubarray(list)
    .chain((chosen) => fc.tuple(...chosen.map((one) => fc.tuple(fc.constant(one.name), valueOf(one, place)))))
    .map((entries) => (entries.length === 0 ? undefined : Object.fromEntries(entries)));
}

function codesOf(type: MqttPacket["type"]): fc.Arbitrary<number> {
  return fc.constantFrom(...new Set(REASONS.filter(({ packets }) => packets.includes(type)).map(({ code }) => code)));
}

const none = fc.constant(undefined);

function propertiesIn(
  version: MqttVersion,
  place: Place,
  without?: readonly string[],
): fc.Arbitrary<MqttProperties | undefined> {
  return version === 5 ? properties(place, without) : none;
}

function will(version: MqttVersion): fc.Arbitrary<Will> {
  return fc.record({
    topic: topics,
    payload: bytes,
    qos,
    retain: fc.boolean(),
    properties: propertiesIn(version, "will"),
  });
}

function connect(version: MqttVersion): fc.Arbitrary<MqttPacket> {
  return fc
    .record({
      type: fc.constant("connect" as const),
      version: fc.constant(version),
      clientId: texts,
      cleanStart: fc.boolean(),
      keepAlive: uint16,
      will: fc.option(will(version), { nil: undefined }),
      username: fc.option(texts, { nil: undefined }),
      password: fc.option(bytes, { nil: undefined }),
      properties: propertiesIn(version, "connect").map(withMethod),
    })
    .map((packet) => (version === 5 ? packet : inOld(packet)));
}

function inOld<T extends { clientId: string; cleanStart: boolean; username: string | undefined }>(packet: T): T {
  const { clientId, cleanStart, username } = packet;
  const password = "password" in packet && username !== undefined ? packet.password : undefined;
  return { ...packet, cleanStart: cleanStart || clientId === "", password };
}

/** Data needs a method. */
function withMethod(found: MqttProperties | undefined): MqttProperties | undefined {
  return found?.authenticationData === undefined ? found : { authenticationMethod: "m", ...found };
}

export function publish(version: MqttVersion, role: Role): fc.Arbitrary<PublishPacket> {
  const without = role === "server" ? ["subscriptionIdentifiers"] : [];
  return fc
    .record({
      type: fc.constant("publish" as const),
      topic: topics,
      payload: fc.uint8Array({ maxLength: 300 }),
      qos,
      retain: fc.boolean(),
      dup: fc.boolean(),
      packetId: ids,
      properties: propertiesIn(version, "publish", without),
    })
    .chain((packet) => fc.boolean().map((aliased) => settled(packet, aliased)));
}

/** What depends on another field. */
function settled(packet: PublishPacket, aliased: boolean): PublishPacket {
  const { qos: level, dup, packetId, properties: found, topic } = packet;
  const name = aliased && found?.topicAlias !== undefined ? "" : topic;
  return { ...packet, topic: name, dup: level > 0 && dup, packetId: level > 0 ? packetId : undefined };
}

function ack(version: MqttVersion, type: "puback" | "pubrec" | "pubrel" | "pubcomp"): fc.Arbitrary<MqttPacket> {
  const code = version === 5 ? codesOf(type) : fc.constant(0);
  return fc.record({ type: fc.constant(type), packetId: ids, code, properties: propertiesIn(version, type) });
}

const plain = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;

function subscription(version: MqttVersion): fc.Arbitrary<Subscription> {
  if (version === 4) return fc.record({ filter: filters, qos }).map((one) => ({ ...one, ...plain }));
  const own = fc.record({
    filter: filters,
    qos,
    noLocal: fc.boolean(),
    retainAsPublished: fc.boolean(),
    retainHandling: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
  });
  return fc.oneof(
    own,
    own.map((one) => ({ ...one, filter: `$share/g/${one.filter}`, noLocal: false })),
  );
}

function subscribing(version: MqttVersion): readonly fc.Arbitrary<MqttPacket>[] {
  const list = { minLength: 1, maxLength: 4 };
  return [
    fc.record({
      type: fc.constant("subscribe" as const),
      packetId: ids,
      subscriptions: fc.array(subscription(version), list),
      properties: propertiesIn(version, "subscribe"),
    }),
    fc.record({
      type: fc.constant("unsubscribe" as const),
      packetId: ids,
      filters: fc.array(filters, list),
      properties: propertiesIn(version, "unsubscribe"),
    }),
  ];
}

function subscribed(version: MqttVersion): readonly fc.Arbitrary<MqttPacket>[] {
  const list = { minLength: 1, maxLength: 4 };
  const granted = version === 5 ? codesOf("suback") : fc.constantFrom(0, 1, 2, 0x80);
  return [
    fc.record({
      type: fc.constant("suback" as const),
      packetId: ids,
      codes: fc.array(granted, list),
      properties: propertiesIn(version, "suback"),
    }),
    fc.record({
      type: fc.constant("unsuback" as const),
      packetId: ids,
      codes: version === 5 ? fc.array(codesOf("unsuback"), list) : fc.constant([]),
      properties: propertiesIn(version, "unsuback"),
    }),
  ];
}

function connack(version: MqttVersion): fc.Arbitrary<MqttPacket> {
  return fc
    .record({
      type: fc.constant("connack" as const),
      sessionPresent: fc.boolean(),
      code: version === 5 ? codesOf("connack") : fc.nat(5),
      properties: propertiesIn(version, "connack"),
    })
    .map((packet) => ({ ...packet, sessionPresent: packet.sessionPresent && packet.code === 0 }));
}

function closing(role: Role): readonly fc.Arbitrary<MqttPacket>[] {
  const expiry = role === "client" ? ["sessionExpiryInterval"] : [];
  const again = role === "client" ? 0x19 : 0x00;
  const auth = fc.record({
    type: fc.constant("auth" as const),
    code: codesOf("auth").filter((code) => code !== again),
    properties: properties("auth").map((found) => ({ authenticationMethod: "m", ...found })),
  });
  const disconnect = fc.record({
    type: fc.constant("disconnect" as const),
    code: codesOf("disconnect").filter((code) => role === "server" || code !== 4),
    properties: properties("disconnect", expiry),
  });
  return [auth, disconnect, ...(role === "client" ? [fc.constant(bareAuth)] : [])];
}

const bareAuth: MqttPacket = { type: "auth", code: 0, properties: undefined };
const bye: MqttPacket = { type: "disconnect", code: 0, properties: undefined };

/** Packets that this end may be sent after CONNECT. */
export function packets(version: MqttVersion, role: Role): fc.Arbitrary<MqttPacket> {
  const both = [
    publish(version, role),
    ack(version, "puback"),
    ack(version, "pubrec"),
    ack(version, "pubrel"),
    ack(version, "pubcomp"),
  ];
  const ends = version === 5 ? closing(role) : role === "server" ? [fc.constant(bye)] : [];
  const own =
    role === "server"
      ? [...subscribing(version), fc.constant<MqttPacket>({ type: "pingreq" })]
      : [connack(version), ...subscribed(version), fc.constant<MqttPacket>({ type: "pingresp" })];
  return fc.oneof(...both, ...own, ...ends);
}

export const connects = { 4: connect(4), 5: connect(5) } as const;

/** A whole conversation as one end reads it: CONNECT first for a server. */
export function conversations(version: MqttVersion, role: Role): fc.Arbitrary<readonly MqttPacket[]> {
  const rest = fc.array(packets(version, role), { maxLength: 6 });
  return role === "client" ? rest : fc.tuple(connects[version], rest).map(([first, others]) => [first, ...others]);
}

export const ENDS = [
  { version: 4, role: "server" },
  { version: 4, role: "client" },
  { version: 5, role: "server" },
  { version: 5, role: "client" },
] as const satisfies readonly { version: MqttVersion; role: Role }[];
