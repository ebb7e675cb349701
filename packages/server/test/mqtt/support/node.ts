import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MqttVersion } from "@tidegate/protocol/mqtt";
import type { MqttContext } from "../../../src/transport/mqtt/context.ts";
import { startNode, type TestNode } from "../../gateway/node.ts";
import { type ConnectWishes, MqttTestClient, tcp } from "./client.ts";
import { type GatewaySettings } from "../../support/gateway.ts";

export interface MqttNode extends TestNode {
  readonly mqtt: number;
  readonly context: MqttContext;
  /** A connection that has sent nothing. */
  open(version?: MqttVersion): Promise<MqttTestClient>;
  /** A connected client. */
  join(wishes?: ConnectWishes, version?: MqttVersion): Promise<MqttTestClient>;
}

/** A gateway with MQTT on a port of its own. */
export async function startMqtt(settings: GatewaySettings = {}): Promise<MqttNode> {
  const node = await startNode({ ...settings, env: { MQTT_PORT: "0", MQTT_SYS_INTERVAL: "0", ...settings.env } });
  const mqtt = node.gateway.mqttPorts.plain!;
  const open = (version: MqttVersion = 5) => MqttTestClient.open(tcp(mqtt), version);
  const enter = async (wishes: ConnectWishes = {}, version: MqttVersion = 5) => {
    const client = await open(version);
    const { code } = await client.connect(wishes);
    if (code !== 0) throw new Error(`CONNACK with ${code}`);
    return client;
  };
  return { ...node, mqtt, context: node.gateway.mqtt!.context, open, join: enter };
}

/** A data directory that a gateway may be started on several times. */
export class DataDir {
  readonly path: string;
  #node: MqttNode | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<DataDir> {
    return new DataDir(await mkdtemp(join(tmpdir(), "tidegate-mqtt-")));
  }

  /** Stops the gateway that was started last, then starts the next one. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<MqttNode> {
    await this.#node?.gateway.stop();
    const stored = { LOG_STORAGE: "sqlite", DATA_DIR: this.path, ...env };
    return (this.#node = await startMqtt({ env: stored }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#node?.gateway.stop();
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Ways to speak to a server. */
export const VERSIONS = [4, 5] as const;

/** Keeps the session when the connection ends, in both versions. */
export function durable(clientId: string, version: MqttVersion, cleanStart = false): ConnectWishes {
  const properties = version === 5 ? { sessionExpiryInterval: 3600 } : undefined;
  return { clientId, cleanStart, ...(properties === undefined ? {} : { properties }) };
}
