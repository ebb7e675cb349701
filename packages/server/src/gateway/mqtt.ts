import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { MemorySessionStore } from "../adapters/memory/session-store.ts";
import type { NatsAccess } from "../adapters/nats/options.ts";
import { openNatsSessions } from "../adapters/nats/sessions/open.ts";
import { openSqliteSessionStore } from "../adapters/sqlite/session-store.ts";
import type { SessionStore } from "../durable/session-store.ts";
import type { Options } from "../options/index.ts";
import type { MqttSettings } from "../transport/mqtt/context.ts";
import { MqttServer } from "../transport/mqtt/server.ts";
import type { Gateway } from "./gateway.ts";
import { tlsOf } from "./listen.ts";
import type { GatewayParts } from "./parts.ts";
import { natsAccess } from "./nats.ts";

/** MQTT with its store of sessions. Rejects with a sentence for the operator if the store cannot be opened. */
export async function openMqtt(gateway: Gateway, parts: GatewayParts): Promise<MqttServer> {
  const { services, admission, streams, options, cluster } = gateway;
  const { bus, nodes } = cluster;
  const store = await openStore(parts);
  const settings = settingsOf(options);
  const { randomId } = parts;
  return new MqttServer({ services, admission, settings, store, streams: () => streams.all, randomId, bus, nodes });
}

/** Opens the ports of MQTT. One that is taken is an error or a warning, as `mqtt.required` says. */
export function listenMqtt(server: MqttServer, { options, logger }: GatewayParts): MqttPorts {
  const { host, port, tls, required } = options.mqtt;
  const open = (wanted: number, files: Bun.TLSOptions | undefined): number | undefined => {
    try {
      return server.listen(host, wanted, files);
    } catch (error) {
      const sentence = `mqtt: port ${wanted} of ${host} cannot be had: ${(error as Error).message}`;
      if (required) throw new Error(sentence, { cause: error });
      logger.warn(`${sentence}; there is no MQTT on it. Set mqtt.port to another one.`);
      return undefined;
    }
  };
  const secure = tlsOf(tls).tls;
  return { plain: open(port, undefined), secure: secure === undefined ? undefined : open(tls.port, secure) };
}

/** The ports that were taken. */
export interface MqttPorts {
  readonly plain: number | undefined;
  readonly secure: number | undefined;
}

/** Gateways with one log have one store: a client finds its session on each of them. */
function openStore(parts: GatewayParts): Promise<SessionStore> {
  const { options } = parts;
  const durability = options.namespaceDefaults.durability === "power" ? "power" : "process";
  const access = natsAccess(options);
  if (access !== undefined) return openSharedStore(parts, durability, access);
  if (options.log.storage === "memory")
    return Promise.resolve(new MemorySessionStore({ maxSessions: options.mqtt.maxSessions || Infinity }));
  mkdirSync(options.data.dir, { recursive: true });
  const path = join(options.data.dir, "sessions.db");
  const warn = (message: string): void => parts.logger.warn({ path }, message);
  return openSqliteSessionStore({ path, durability, clock: parts.clock, warn });
}

function openSharedStore(
  { options, clock, randomId, logger }: GatewayParts,
  durability: "process" | "power",
  access: NatsAccess,
): Promise<SessionStore> {
  const { replicas, monitors } = options.log;
  const stream = `${options.cluster.name}-sessions`;
  const warn = (message: string): void => logger.warn({ stream }, message);
  const settings = { stream, durability, replicas, monitors, maxBytes: SHARED_BYTES };
  return openNatsSessions({ ...access, ...settings, clock, randomId, warn });
}

/** Of the sessions of a cluster: half a million of the usual size. */
const SHARED_BYTES = 512 * 1024 * 1024;

function settingsOf({ mqtt }: Options): MqttSettings {
  const { maxTopicAliases, maxSessionExpiry, maxKeepAlive } = mqtt;
  const { maxPacket, maxInflight, maxSessions, serverReference } = mqtt;
  return {
    maxPacket,
    maxInflight,
    maxSessions,
    maxAliases: maxTopicAliases,
    maxSessionExpiry: Math.floor(maxSessionExpiry / 1000),
    maxKeepAlive: Math.floor(maxKeepAlive / 1000),
    serverReference,
  };
}
