import { mqttTextFault, type MqttProperties, topicNameFault } from "@tidegate/protocol/mqtt";
import { PRIORITIES, type Message, type Priority } from "@tidegate/protocol";

/**
 * Properties of MQTT 5 are headers of the gateway's message, so that clients of every protocol see them: user properties
 * under their own names, the others under these.
 */
const NAMES = {
  contentType: "content-type",
  responseTopic: "mqtt-response-topic",
  correlationData: "mqtt-correlation-data",
  expiry: "mqtt-message-expiry",
  format: "mqtt-payload-format",
  /** User properties as JSON, where a name comes more than once, is a number, or is one of these. */
  all: "mqtt-user-properties",
  /** Client that published it, where that client must not get it back. */
  client: "mqtt-client",
} as const;

/** Headers that are this protocol's own affair: they are not handed on as user properties. */
const OWN: ReadonlySet<string> = new Set(Object.values(NAMES));

/** The user property that states a message's priority: low, normal or high. */
const PRIORITY = "priority";

/** Seconds. [MQTT 5, 3.3.2.3.3] */
const MAX_EXPIRY = 0xffff_ffff;

export type Headers = Readonly<Record<string, string>>;

/** Headers of a message; undefined if it has none. `client` marks it as published by a client that wants none of its own. */
export function headersOf(properties: MqttProperties | undefined, client: string | undefined): Headers | undefined {
  if (properties === undefined) return client === undefined ? undefined : { [NAMES.client]: client };
  const { contentType, responseTopic, correlationData, messageExpiryInterval, payloadFormatIndicator } = properties;
  const headers: Record<string, string> = {};
  addUserProperties(headers, properties.userProperties ?? []);
  if (contentType !== undefined) headers[NAMES.contentType] = contentType;
  if (responseTopic !== undefined) headers[NAMES.responseTopic] = responseTopic;
  if (correlationData !== undefined)
    headers[NAMES.correlationData] = Buffer.from(correlationData).toString("base64url");
  if (messageExpiryInterval !== undefined) headers[NAMES.expiry] = String(messageExpiryInterval);
  if (payloadFormatIndicator !== undefined) headers[NAMES.format] = String(payloadFormatIndicator);
  if (client !== undefined) headers[NAMES.client] = client;
  return Object.keys(headers).length === 0 ? undefined : headers;
}

/** Characters of all properties together: about what 32 headers of the other protocols may have. */
const MAX_CHARS = 65_536;

/** Whether a message has more properties than the gateway keeps as headers: memory is bounded by what a message may have. */
export function tooMany({ userProperties = [], ...rest }: MqttProperties): boolean {
  let chars = (rest.contentType?.length ?? 0) + (rest.responseTopic?.length ?? 0) + (rest.correlationData?.length ?? 0);
  for (const [name, value] of userProperties) chars += name.length + value.length + 2;
  return chars > MAX_CHARS;
}

export function priorityOf(properties: MqttProperties | undefined): Priority {
  if (properties?.userProperties === undefined) return 1;
  const stated = properties.userProperties.find(([name]) => name === PRIORITY)?.[1];
  const index = PRIORITIES.findIndex((name) => name === stated);
  return index < 0 ? 1 : (index as Priority);
}

/** Properties of a delivery. `left`: seconds until it expires. */
export function propertiesOf(message: Message, left: number | undefined): MqttProperties | undefined {
  const { headers } = message;
  if (headers === undefined) return undefined;
  return {
    userProperties: userProperties(headers),
    contentType: sayable(headers[NAMES.contentType]),
    responseTopic: responseTopicOf(headers[NAMES.responseTopic]),
    correlationData: bytesOf(headers[NAMES.correlationData]),
    payloadFormatIndicator: formatOf(headers[NAMES.format]),
    messageExpiryInterval: left,
  };
}

/** Other protocols set headers to texts that MQTT has no bytes for: such a one is left out. [MQTT-1.5.4-2] */
function sayable(text: string | undefined): string | undefined {
  return text === undefined || mqttTextFault(text) !== undefined ? undefined : text;
}

function responseTopicOf(text: string | undefined): string | undefined {
  const topic = sayable(text);
  return topic === undefined || topicNameFault(topic) !== undefined ? undefined : topic;
}

function bytesOf(text: string | undefined): Uint8Array | undefined {
  return text === undefined || !/^[\w-]*=*$/.test(text) ? undefined : Buffer.from(text, "base64url");
}

function formatOf(text: string | undefined): 0 | 1 | undefined {
  return text === "0" ? 0 : text === "1" ? 1 : undefined;
}

/** Whole seconds until the message expires, rounded up; undefined if it never does, 0 or less if it has. [MQTT-3.3.2-6] */
export function secondsLeft({ headers, time }: Message, now: number): number | undefined {
  const stated = headers?.[NAMES.expiry];
  // Another protocol may have set the header to anything; MQTT has four bytes for it.
  if (stated === undefined || !/^\d{1,10}$/.test(stated) || Number(stated) > MAX_EXPIRY) return undefined;
  return Math.ceil(Number(stated) - (now - time) / 1000);
}

/** Whether this client published it and asked for none of its own. [MQTT-3.8.3-3] */
export function isFrom({ headers }: Message, client: string): boolean {
  return headers?.[NAMES.client] === client;
}

function addUserProperties(headers: Record<string, string>, pairs: readonly (readonly [string, string])[]): void {
  const names = new Set(pairs.map(([name]) => name));
  const isPlain = names.size === pairs.length && pairs.every(([name]) => keepsItsPlace(name) && !OWN.has(name));
  if (isPlain) for (const [name, value] of pairs) headers[name] = value;
  else headers[NAMES.all] = JSON.stringify(pairs);
}

/** An object lists names that are whole numbers before all others, and does not take __proto__. [MQTT-3.3.2-18] */
function keepsItsPlace(name: string): boolean {
  return name !== "" && name !== "__proto__" && !/^\d+$/.test(name);
}

function userProperties(headers: Headers): readonly (readonly [string, string])[] | undefined {
  const all = headers[NAMES.all];
  const pairs = all === undefined ? Object.entries(headers).filter(([name]) => !OWN.has(name)) : readPairs(all);
  const said = pairs?.filter((pair) => pair.every((text) => sayable(text) !== undefined)) ?? [];
  return said.length === 0 ? undefined : said;
}

/** Another protocol may have set the header to anything. */
function readPairs(text: string): readonly (readonly [string, string])[] | undefined {
  try {
    const pairs: unknown = JSON.parse(text);
    return Array.isArray(pairs) && pairs.every(isPair) ? pairs : undefined;
  } catch {
    return undefined;
  }
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "string");
}
