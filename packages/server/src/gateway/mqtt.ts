import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { MemorySessionStore } from "../adapters/memory/session-store.ts";
import { openSqliteSessionStore } from "../adapters/sqlite/session-store.ts";
import type { SessionStore } from "../durable/session-store.ts";
import type { Options } from "../options/index.ts";
import type { MqttSettings } from "../transport/mqtt/context.ts";
import { MqttServer } from "../transport/mqtt/server.ts";
import type { Gateway, GatewayParts } from "./gateway.ts";
import { tlsOf } from "./listen.ts";

/** MQTT with its store of sessions. Rejects with a sentence for the operator if the store cannot be opened. */
export async function openMqtt(gateway: Gateway, parts: GatewayParts): Promise<MqttServer> {
  const { services, admission, streams, options } = gateway;
  const store = await openStore(parts);
  const settings = settingsOf(options);
  return new MqttServer({ services, admission, settings, store, streams: () => streams.all, randomId: parts.randomId });
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

/** Sessions that may wait for their clients in memory. */
const MEMORY_SESSIONS = 1_000_000;

/** The ports that were taken. */
export interface MqttPorts {
  readonly plain: number | undefined;
  readonly secure: number | undefined;
}

function openStore({ options, logger, clock }: GatewayParts): Promise<SessionStore> {
  if (options.log.storage === "memory")
    return Promise.resolve(new MemorySessionStore({ maxSessions: MEMORY_SESSIONS }));
  mkdirSync(options.data.dir, { recursive: true });
  const path = join(options.data.dir, "sessions.db");
  const durability = options.namespaceDefaults.durability === "power" ? "power" : "process";
  return openSqliteSessionStore({ path, durability, clock, warn: (message) => logger.warn({ path }, message) });
}

function settingsOf({ mqtt }: Options): MqttSettings {
  const { maxPacket, maxInflight, maxTopicAliases, maxSessionExpiry, maxKeepAlive, serverReference } = mqtt;
  return {
    maxPacket,
    maxInflight,
    maxAliases: maxTopicAliases,
    maxSessionExpiry: Math.floor(maxSessionExpiry / 1000),
    maxKeepAlive: Math.floor(maxKeepAlive / 1000),
    serverReference,
  };
}
