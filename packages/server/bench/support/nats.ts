import { findNatsServer, NatsServer, type NatsServerOptions } from "../../../../scripts/servers/nats.ts";

/** A nats-server of its own for a benchmark, on this machine. Throws a sentence if there is none to start. */
export function startNats(options?: NatsServerOptions): Promise<NatsServer> {
  const path = findNatsServer();
  if (path === undefined) throw new Error("no nats-server: set NATS_SERVER to its path, put it into PATH, or CI=true");
  return NatsServer.start(path, options);
}
