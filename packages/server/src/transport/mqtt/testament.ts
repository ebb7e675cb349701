import type { MqttProperties, Will } from "@tidegate/protocol/mqtt";
import { type Identity, Permissions } from "../../auth/index.ts";

/** A will and who left it. */
export interface Testament {
  /** The log stores it under this id: two gateways that publish it leave one message. */
  readonly id: string;
  readonly will: Will;
  readonly identity: Identity;
}

/** As the store of sessions keeps it. */
export interface WrittenWill {
  readonly id: string;
  readonly user: string | undefined;
  readonly topic: string;
  /** Base64. */
  readonly payload: string;
  readonly qos: Will["qos"];
  readonly retain: boolean;
  /** JSON. */
  readonly properties: string | undefined;
}

export function writeTestament({ id, will, identity }: Testament): WrittenWill {
  const { topic, payload, qos, retain, properties } = will;
  const text = properties && JSON.stringify(mapped(properties, packBytes));
  return { id, user: identity.user, topic, payload: base64(payload), qos, retain, properties: text };
}

export function readTestament({ id, user, topic, payload, qos, retain, properties }: WrittenWill): Testament {
  const known = properties === undefined ? undefined : mapped(JSON.parse(properties) as MqttProperties, unpackBytes);
  const will = { topic, payload: Buffer.from(payload, "base64"), qos, retain, properties: known };
  return { id, will, identity: whoMayPublish(topic, user) };
}

/** Milliseconds for which a will waits: no longer than its session is kept (in seconds). [MQTT-3.1.3-9] */
export function delayOf({ will }: Testament, expiry: number): number {
  return Math.min(will.properties?.willDelayInterval ?? 0, expiry) * 1000;
}

/** Whether the client might publish it was looked at when it connected. */
function whoMayPublish(topic: string, user: string | undefined): Identity {
  const grants = { publish: [topic], subscribe: [], admin: false, wildcardsReachUsers: false, ownTopic: false };
  const none = { keyName: undefined, issued: undefined, expires: undefined, tokenId: undefined, info: undefined };
  return { user, kind: user === undefined ? "anonymous" : "user", ...none, permissions: new Permissions(grants) };
}

const BYTES = "base64:";

/** Properties are bytes, or what JSON knows. */
function mapped(properties: MqttProperties, change: (value: unknown) => unknown): MqttProperties {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, change(value)])) as MqttProperties;
}

function packBytes(value: unknown): unknown {
  return value instanceof Uint8Array ? { [BYTES]: base64(value) } : value;
}

function unpackBytes(value: unknown): unknown {
  const packed = (value as { readonly [BYTES]?: unknown } | null | undefined)?.[BYTES];
  return typeof packed === "string" ? new Uint8Array(Buffer.from(packed, "base64")) : value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
