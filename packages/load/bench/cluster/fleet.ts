import { NatsServer } from "../../../../scripts/servers/nats.ts";
import type { ServerProcess } from "../../src/servers/server-process.ts";
import { type Durability, startTidegate } from "../../src/servers/tidegate.ts";

/** What to start. */
export interface FleetPlan {
  readonly name: string;
  readonly gateways: number;
  /** Path of a nats-server, for one log of all gateways; else each has its own, and they know nothing of one another. */
  readonly nats: string | undefined;
  readonly durability: Durability;
  /** Run the gateways with their defaults for how fast clients may come and publish, not without such bounds. */
  readonly guarded?: boolean;
  /** File to run as Tidegate instead of this repository's. */
  readonly entry?: string | undefined;
}

/** One process that takes part in serving. */
export interface Part {
  readonly name: string;
  readonly pid: number;
}

/** Gateways that run, and the NATS that they share. */
export interface Fleet {
  readonly name: string;
  readonly parts: readonly Part[];
  /** WebSocket addresses of the gateways. */
  readonly urls: readonly string[];
}

/** Starts them, and ends them whatever happens. */
export async function withFleet<T>(plan: FleetPlan, measure: (fleet: Fleet) => Promise<T>): Promise<T> {
  if (plan.nats === undefined) return withGateways(plan, undefined, measure);
  const nats = await NatsServer.start(plan.nats);
  const pid = nats.pid ?? 0;
  // Whoever ends the benchmark ends the server, also with Ctrl-C.
  const abandon = (): void => void process.kill(pid, "SIGKILL");
  process.on("exit", abandon);
  try {
    return await withGateways(plan, nats, measure);
  } finally {
    process.off("exit", abandon);
    await nats.remove();
  }
}

async function withGateways<T>(
  { name, gateways, durability, guarded, entry }: FleetPlan,
  nats: NatsServer | undefined,
  measure: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const options = {
    ...{ durability, entry, host: "127.0.0.1", unbounded: guarded !== true },
    ...(nats === undefined ? {} : { log: nats.url }),
  };
  const servers: ServerProcess[] = [];
  try {
    for (let i = 0; i < gateways; i++) servers.push(await startTidegate(options));
    const parts = servers.map(({ pid }, i) => ({ name: `gateway ${i + 1}`, pid }));
    if (nats?.pid !== undefined) parts.push({ name: "NATS", pid: nats.pid });
    return await measure({ name, parts, urls: servers.map(({ port }) => `ws://127.0.0.1:${port}/ws`) });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
