import { randomBytes } from "node:crypto";
import { serveAgent } from "@tidegate/load";
import type { Context } from "../../context.ts";
import { usageError } from "../../exit.ts";

export interface AgentFlags {
  readonly listen: string;
  readonly once?: true;
}

/** Milliseconds that a local agent waits for the master that started it. */
const ORPHAN = 30_000;

export async function agent({ listen, once }: AgentFlags, { terminal }: Context): Promise<void> {
  const colon = listen.lastIndexOf(":");
  const port = /^\d{1,5}$/.test(listen.slice(colon + 1)) ? Number(listen.slice(colon + 1)) : Number.NaN;
  if (colon < 1 || !(port <= 65_535)) throw usageError(`--listen ${listen}: it must be host:port`);
  const given = terminal.env["TIDEGATE_LOAD_SECRET"];
  if (given !== undefined && given.length < 16)
    throw usageError("TIDEGATE_LOAD_SECRET must have at least 16 characters");
  const secret = given ?? randomBytes(16).toString("hex");
  const hostname = listen.slice(0, colon).replace(/^\[|\]$/g, "");
  const server = serveAgent({ hostname, port }, secret);
  await terminal.out(`listening on ${listen.slice(0, colon)}:${server.port}\n`);
  if (given === undefined) terminal.err(`Its secret, for agents.secret of the scenario: ${secret}\n`);
  const stopped = Promise.withResolvers<void>();
  const off = terminal.onSignal(() => stopped.resolve());
  const orphan = once ? setTimeout(() => server.busy || stopped.resolve(), ORPHAN) : undefined;
  await (once ? Promise.race([server.served, stopped.promise]) : stopped.promise);
  clearTimeout(orphan);
  off();
  server.stop();
}
