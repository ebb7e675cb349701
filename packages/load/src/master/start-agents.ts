import { randomBytes } from "node:crypto";
import type { Link, Order, Report } from "../engine/orders.ts";
import type { Scenario } from "../scenario-file/table.ts";
import { connectAgent } from "./agent-link.ts";
import { type LocalAgent, spawnAgent } from "./spawn.ts";

export interface Agents {
  readonly links: readonly Link<Order, Report>[];
  /** Ends the processes that were started here. */
  stop(): void;
}

/** How many local agents a scenario needs on a machine with so many cores: one core is the server's or the master's. */
export function agentCount({ agents, populations }: Scenario, cores: number): number {
  if (agents.count > 0) return agents.count;
  const connections = populations.reduce((sum, { count }) => sum + count, 0);
  return Math.max(1, cores - 1, Math.ceil(connections / agents.descriptors));
}

/** Starts agents here, or takes those that the scenario names. `command` runs `tidegate load agent`. */
export async function startAgents(scenario: Scenario, command: readonly string[], cores: number): Promise<Agents> {
  const { at, secret } = scenario.agents;
  if (at.length > 0) return { links: await connectAll(at, secret ?? ""), stop: () => {} };
  const own = randomBytes(32).toString("hex");
  const starting = Array.from({ length: agentCount(scenario, cores) }, () => spawnAgent(command, own));
  const started = await Promise.allSettled(starting);
  const locals = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const stop = (): void => locals.forEach(({ process }: LocalAgent) => process.kill());
  try {
    const failed = started.find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return {
      links: await connectAll(
        locals.map((local) => local.at),
        own,
      ),
      stop,
    };
  } catch (error) {
    stop();
    throw error;
  }
}

function connectAll(at: readonly string[], secret: string): Promise<Link<Order, Report>[]> {
  return Promise.all(at.map((address) => connectAgent(address, secret)));
}
