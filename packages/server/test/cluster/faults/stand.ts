import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster, type ClusterOptions } from "../../../../../scripts/cluster/cluster.ts";
import { findNatsServer } from "../../../../../scripts/servers/nats.ts";

/** Undefined: the tests are skipped. */
export const NATS = findNatsServer();

const SERVE = join(import.meta.dir, "../../e2e/serve.ts");

type Settings = "gateways" | "variables" | "natsFor" | "jetstream" | "natsConfig";
export type StandOptions = Partial<Pick<ClusterOptions, Settings>>;

/** A cluster for a test: in a folder of its own, on free ports, and gone afterwards. */
export class Stand {
  readonly cluster: Cluster;
  readonly #directory: string;

  static async start({ gateways = 3, variables = {}, ...options }: StandOptions = {}): Promise<Stand> {
    if (NATS === undefined) throw new Error("no nats-server");
    const directory = await mkdtemp(join(tmpdir(), "tidegate-cluster-"));
    const starting = Cluster.start({
      ...options,
      nats: NATS,
      directory,
      gateways,
      port: 0,
      mqttPort: 0,
      command: [SERVE],
      variables,
      events: { line: () => {}, ended: () => {}, changed: () => {} },
    });
    try {
      return new Stand(await starting, directory);
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(cluster: Cluster, directory: string) {
    this.cluster = cluster;
    this.#directory = directory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
