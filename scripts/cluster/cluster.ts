import { join } from "node:path";
import { NatsServer } from "../servers/nats.ts";
import type { Backend, Health } from "./backend.ts";
import { Balancer } from "./balancer.ts";
import { GatewayProcess } from "./gateway-process.ts";
import { Pool, PROBES } from "./pool.ts";

export interface ClusterOptions {
  /** Path of a nats-server. */
  readonly nats: string;
  /** For what NATS and the gateways store; it stays when the cluster ends. */
  readonly directory: string;
  readonly gateways: number;
  /** Ports for all gateways together; 0 takes a free one. */
  readonly port: number;
  readonly mqttPort: number;
  /** Port of HTTP that a gateway begins with; 0 takes a free one. Afterwards it keeps the one that it had. */
  readonly portOf?: (index: number) => number;
  /** Variables for all gateways, without their prefix. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Where a gateway finds NATS, if not where it is. */
  readonly natsFor?: (index: number, url: string) => string | Promise<string>;
  /** Lines of nats-server's `jetstream` block, and of the rest of its configuration. */
  readonly jetstream?: string;
  readonly natsConfig?: string;
  /** What a gateway runs instead of `tidegate serve`. */
  readonly command?: readonly string[];
  readonly events: ClusterEvents;
}

export interface ClusterEvents {
  line(gateway: GatewayProcess, line: string): void;
  /** It ended without being told to by `stop` or `kill`. */
  ended(gateway: GatewayProcess, how: string): void;
  changed(name: string, health: Health): void;
}

/** NATS, some gateways as processes of their own, and one port for all of them. */
export class Cluster {
  readonly nats: NatsServer;
  readonly gateways: readonly GatewayProcess[];
  readonly pool: Pool;
  readonly http: Balancer;
  readonly mqtt: Balancer;

  /** Resolves when all gateways are ready. Rejects, with everything ended again, if one is not. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const { nats: path, directory, jetstream = "", natsConfig: config = "" } = options;
    const place = { directory: join(directory, "nats"), detached: true };
    const nats = await NatsServer.start(path, { ...place, jetstream, config });
    const indexes = Array.from({ length: options.gateways }, (_, index) => index);
    const gateways = await Promise.all(indexes.map((index) => gateway(index, nats.url, options)));
    try {
      await Promise.all(gateways.map((each) => each.start()));
      const cluster = new Cluster(nats, gateways, options);
      await cluster.pool.probe();
      return cluster;
    } catch (error) {
      await Promise.all(gateways.map((each) => each.kill()));
      await nats.stop();
      throw error;
    }
  }

  private constructor(nats: NatsServer, gateways: readonly GatewayProcess[], options: ClusterOptions) {
    const { port, mqttPort, events } = options;
    this.nats = nats;
    this.gateways = gateways;
    const changed = ({ name }: Backend, health: Health): void => events.changed(name, health);
    this.pool = new Pool(gateways.map(backendOf), { ...PROBES, changed });
    const common = { host: "127.0.0.1", pool: this.pool };
    this.http = new Balancer({ ...common, port, portOf: ({ http }) => http });
    this.mqtt = new Balancer({ ...common, port: mqttPort, portOf: ({ mqtt }) => mqtt });
  }

  get url(): string {
    return `http://127.0.0.1:${this.http.port}`;
  }

  get ws(): string {
    return `ws://127.0.0.1:${this.http.port}/ws`;
  }

  /** Drains the gateways side by side, then ends NATS. What is stored stays. */
  async stop(): Promise<void> {
    await Promise.all(this.gateways.map((each) => each.stop()));
    this.#close();
    await this.nats.stop();
  }

  /** Ends everything at once. */
  async kill(): Promise<void> {
    this.#close();
    await Promise.all(this.gateways.map((each) => each.kill()));
    await this.nats.kill();
  }

  #close(): void {
    this.pool.stop();
    this.http.stop();
    this.mqtt.stop();
  }
}

async function gateway(index: number, natsUrl: string, options: ClusterOptions): Promise<GatewayProcess> {
  const { directory, portOf = () => 0, natsFor = (_, url) => url, variables = {}, command, events } = options;
  const name = `gateway-${index + 1}`;
  const self: GatewayProcess = new GatewayProcess({
    name,
    ...(command === undefined ? {} : { command }),
    variables: {
      LOG: await natsFor(index, natsUrl),
      CLUSTER_NODE_NAME: name,
      DATA_DIR: join(directory, name),
      HTTP_PORT: String(portOf(index)),
      MQTT_PORT: "0",
      ...variables,
    },
    line: (line) => events.line(self, line),
    ended: (how) => events.ended(self, how),
  });
  return self;
}

function backendOf({ name, http, mqtt }: GatewayProcess): Backend {
  return { name, host: "127.0.0.1", http, mqtt };
}
