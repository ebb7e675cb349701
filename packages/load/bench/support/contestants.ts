import { plainDialect } from "../../src/dialect/plain.ts";
import { tidegateDialect } from "../../src/dialect/tidegate.ts";
import type { Dialect } from "../../src/dialect/dialect.ts";
import { startPlain } from "../../src/servers/peers.ts";
import type { ServerProcess } from "../../src/servers/server-process.ts";
import { type Durability, startTidegate } from "../../src/servers/tidegate.ts";
import type { Target } from "../../src/scenario/run.ts";

/** A server that takes part in a benchmark. */
export interface Contestant {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly dialect: Dialect;
  start(): Promise<ServerProcess>;
}

export const LOOPBACK: readonly string[] = ["127.0.0.1"];

/**
 * A pair of addresses has 28,000 ports for connections, and the kernel's search for a free one gets slow long before
 * they are used up, which would be measured instead of the server.
 */
export const MANY_ADDRESSES: readonly string[] = Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 1}`);

export const PLAIN: Contestant = {
  name: "plain ws",
  hosts: LOOPBACK,
  dialect: plainDialect,
  start: () => startPlain("127.0.0.1"),
};

export function plainOnManyAddresses(): Contestant {
  return { ...PLAIN, hosts: MANY_ADDRESSES, start: () => startPlain("0.0.0.0") };
}

export function tidegate(durability: Durability, entry: string | undefined): Contestant {
  return {
    name: `tidegate ${durability}`,
    hosts: LOOPBACK,
    dialect: tidegateDialect,
    start: () => startTidegate({ durability, entry, host: "127.0.0.1" }),
  };
}

/** It listens on all addresses only with authentication. */
export function tidegateOnManyAddresses(durability: Durability, entry: string | undefined, secret: string): Contestant {
  const start = (): Promise<ServerProcess> => startTidegate({ durability, entry, secret, host: "0.0.0.0" });
  return { ...tidegate(durability, entry), hosts: MANY_ADDRESSES, start };
}

/** A fresh process for one measurement, ended whatever happens. */
export async function withServer<T>(contestant: Contestant, measure: (target: Target) => Promise<T>): Promise<T> {
  const server = await contestant.start();
  const { pid, port } = server;
  try {
    const { name, hosts, dialect } = contestant;
    return await measure({ name, pid, port, hosts, dialect });
  } finally {
    await server.stop();
  }
}
