import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino, type Logger } from "pino";
import type { NatsServerOptions } from "../../../../../scripts/servers/nats.ts";
import { Revocations } from "../../../src/auth/index.ts";
import { systemClock } from "../../../src/clock.ts";
import { Gateway } from "../../../src/gateway/gateway.ts";
import { loadOptions } from "../../../src/options/index.ts";
import { JsonClient } from "../../e2e/json-client.ts";
import { NatsBench } from "../../log/nats/fixture.ts";
import { type ConnectWishes, MqttTestClient, tcp } from "../../mqtt/support/client.ts";

/** Gateways in this process that share a log on one NATS. */
export class SharedBench {
  readonly nats: NatsBench;
  readonly #running = new Set<Gateway>();
  readonly #data = mkdtempSync(join(tmpdir(), "tidegate-shared-"));
  #clusters = 0;
  #gateways = 0;

  constructor(options?: NatsServerOptions) {
    this.nats = new NatsBench(options);
  }

  start = (): Promise<void> => this.nats.start();

  remove = async (): Promise<void> => {
    await Promise.all([...this.#running].map((gateway) => gateway.stop()));
    await this.nats.remove();
    rmSync(this.#data, { recursive: true, force: true });
  };

  /** A name that no other cluster of this bench has. */
  name(): string {
    return `shared-${++this.#clusters}`;
  }

  async gateway(cluster: string, env: Env = {}, logger: Logger = pino({ level: "silent" })): Promise<Gateway> {
    const named = {
      LOG: this.nats.server.url,
      LOG_MAX_BYTES: "64MB",
      CLUSTER_NAME: cluster,
      HTTP_PORT: "0",
      MQTT_PORT: "0",
      DRAIN_DEADLINE: "0",
      DATA_DIR: join(this.#data, `${++this.#gateways}`),
      ...env,
    };
    const variables = Object.fromEntries(Object.entries(named).map(([key, value]) => [`TIDEGATE_${key}`, value]));
    const gateway = await Gateway.start({
      options: loadOptions({ env: variables, flags: {} }),
      clock: systemClock,
      logger,
      randomId: () => crypto.randomUUID().replaceAll("-", ""),
      fetch: () => Promise.reject(new Error("no network in tests")),
      revocations: new Revocations({ clock: systemClock }),
      random: Math.random,
      pages: {},
      version: "0.0.0",
      collectGarbage: () => {},
    });
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
