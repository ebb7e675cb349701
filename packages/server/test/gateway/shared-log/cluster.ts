import { join } from "node:path";
import type { Logger } from "pino";
import type { NatsServerOptions } from "../../../../../scripts/servers/nats.ts";
import type { Gateway } from "../../../src/gateway/gateway.ts";
import { JsonClient } from "../../e2e/json-client.ts";
import { NatsBench } from "../../log/nats/fixture.ts";
import { type ConnectWishes, MqttTestClient, tcp } from "../../mqtt/support/client.ts";
import { startGateway } from "../../support/gateway.ts";
import { TempDir } from "../../support/temp-dir.ts";

/** Gateways in this process that share a log on one NATS. */
export class SharedBench {
  readonly nats: NatsBench;
  readonly #running = new Set<Gateway>();
  readonly #data = new TempDir("tidegate-shared");
  #clusters = 0;
  #gateways = 0;

  constructor(options?: NatsServerOptions) {
    this.nats = new NatsBench(options);
  }

  start = (): Promise<void> => this.nats.start();

  remove = async (): Promise<void> => {
    await Promise.all([...this.#running].map((gateway) => gateway.stop()));
    await this.nats.remove();
    this.#data.remove();
  };

  /** A name that no other cluster of this bench has. */
  name(): string {
    return `shared-${++this.#clusters}`;
  }

  async gateway(cluster: string, env: Env = {}, logger?: Logger): Promise<Gateway> {
    const own = {
      LOG_STORAGE: "sqlite",
      LOG: this.nats.server.url,
      LOG_MAX_BYTES: "64MB",
      CLUSTER_NAME: cluster,
      MQTT_PORT: "0",
      DATA_DIR: join(this.#data.path, `${++this.#gateways}`),
    };
    const gateway = await startGateway({ env: { ...own, ...env }, random: Math.random, ...(logger && { logger }) });
    this.#running.add(gateway);
    return gateway;
  }

  /** What a gateway says that does not start. */
  async refusal(cluster: string, env: Env = {}): Promise<string> {
    const refused = await this.gateway(cluster, env).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (refused === undefined) throw new Error("it started");
    return refused;
  }

  /** Two gateways of a cluster of their own. */
  async pair(env: Env = {}): Promise<readonly [Gateway, Gateway]> {
    const cluster = this.name();
    return [await this.gateway(cluster, env), await this.gateway(cluster, env)];
  }
}

type Env = Readonly<Record<string, string>>;

export function webSocket(gateway: Gateway, token?: string): Promise<JsonClient> {
  return JsonClient.connect(`${gateway.url.replace("http", "ws")}ws`, token);
}

export async function mqtt(gateway: Gateway, wishes: ConnectWishes = {}): Promise<MqttTestClient> {
  const client = await MqttTestClient.open(tcp(gateway.mqttPorts.plain ?? 0));
  await client.connect(wishes);
  return client;
}

export type Reply = Readonly<Record<string, { readonly [field: string]: unknown }>>;

/** The reply with its fields, whichever it is. */
export async function ask(client: JsonClient, command: Record<string, unknown>): Promise<Reply> {
  return (await client.ask(command)) as Reply;
}

/** What was in the messages that came. */
export function dataOf(client: JsonClient): readonly unknown[] {
  return client.messages().map(({ data }) => data);
}
