import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answers } from "./answers.ts";
import { freePort } from "./free-port.ts";
import { ServerProcess } from "./server-process.ts";

/** Time to be ready, in milliseconds. */
const START = 20_000;

const PACKAGES = join(import.meta.dir, "../../..");

export type Durability = "memory" | "process" | "power";

export interface TidegateOptions {
  readonly durability: Durability;
  /** Secret of HS256 tokens; without it everybody may connect. */
  readonly secret?: string;
  /** With a secret: clients without a token may do everything, too. */
  readonly open?: boolean;
  /** Address to listen on; one that is not loopback needs a secret. */
  readonly host: string;
  /** File that is run with `serve`, to measure another build; the one of this repository if absent. */
  readonly entry?: string | undefined;
  /** Where the log is, instead of in this process: `nats://…`. */
  readonly log?: string;
  /** Without the bounds of how fast clients may come and publish, which a load from one address meets; true if absent. */
  readonly unbounded?: boolean;
  /** Which port the load connects to: that of HTTP and WebSocket if absent. */
  readonly port?: "http" | "mqtt";
}

interface Ports {
  readonly http: number;
  readonly mqtt: number;
}

/** The real program with its defaults, but for the durability and, where it is `unbounded`, the limits. */
export async function startTidegate(options: TidegateOptions): Promise<ServerProcess> {
  const entry = options.entry ?? defaultEntry();
  const directory = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
  const ports: Ports = { http: freePort(), mqtt: freePort() };
  const config = join(directory, "tidegate.yaml");
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(configOf(options, directory, ports), undefined, 2));
  return ServerProcess.start({
    name: `tidegate, ${options.durability}`,
    command: [process.execPath, "run", entry, "serve", "--config", config],
    environment: { NODE_ENV: "production" },
    ready: async () => {
      await answers(`http://127.0.0.1:${ports.http}/health/ready`, START);
      return ports[options.port ?? "http"];
    },
    cleanUp: () => rmSync(directory, { recursive: true, force: true }),
  });
}

const EVERYTHING = { publish: ["#"], subscribe: ["#"] };

const UNBOUNDED = { acceptRate: 1_000_000, acceptBurst: 1_000_000, publishRate: 10_000_000, publishBurst: 10_000_000 };

function configOf(options: TidegateOptions, directory: string, ports: Ports): object {
  const { durability, secret, open, host, port, log, unbounded } = options;
  return {
    data: { dir: join(directory, "data") },
    log: log ?? { storage: durability === "memory" ? "memory" : "sqlite" },
    http: { host, port: ports.http },
    mqtt: port === "mqtt" ? { port: ports.mqtt, required: true } : { port: 0 },
    ...(unbounded === false ? {} : { connections: UNBOUNDED }),
    namespaceDefaults: { durability },
    drain: { deadline: "1s", spread: "0", rate: 1_000_000 },
    observe: { logLevel: "warn" },
    ...(secret === undefined
      ? {}
      : { auth: { jwt: { secret }, ...(open === true ? { required: false, anonymous: EVERYTHING } : {}) } }),
  };
}

function defaultEntry(): string {
  const entries = [join(PACKAGES, "cli/src/main.ts"), join(PACKAGES, "server/src/main.ts")];
  const entry = entries.find((path) => existsSync(path));
  if (entry === undefined) throw new Error(`there is no Tidegate to run: neither ${entries.join(" nor ")}`);
  return entry;
}
