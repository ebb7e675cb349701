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
  readonly dialect: Dialect;
  start(): Promise<ServerProcess>;
}

export const PLAIN: Contestant = { name: "plain ws", dialect: plainDialect, start: startPlain };

export function tidegate(durability: Durability, entry: string | undefined, secret?: string): Contestant {
  const auth = secret === undefined ? {} : { secret };
  return {
    name: `tidegate ${durability}`,
    dialect: tidegateDialect,
    start: () => startTidegate({ durability, entry, ...auth }),
  };
}

/** A fresh process for one measurement, ended whatever happens. */
export async function withServer<T>(contestant: Contestant, measure: (target: Target) => Promise<T>): Promise<T> {
  const server = await contestant.start();
  const { pid, port } = server;
  try {
    return await measure({ name: contestant.name, pid, port, dialect: contestant.dialect });
  } finally {
    await server.stop();
  }
}
