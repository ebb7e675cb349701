import type { StreamConfig } from "@nats-io/jetstream";
import type { NatsLogOptions } from "./options.ts";

/** Asks a monitoring port for a server's settings; passed in, so that tests need no server. */
export type FetchJson = (url: string) => Promise<unknown>;

/**
 * Throws a sentence if the stream cannot keep the promise.
 *
 * JetStream acknowledges when a message is written to the file, which survives the server's end, and syncs every two minutes
 * unless `sync_interval: always` is set: only that survives a loss of power. A stream may also ask for less (`persist_mode: async`).
 */
export async function checkDurability(
  config: StreamConfig,
  options: NatsLogOptions,
  fetchJson: FetchJson,
): Promise<void> {
  const { stream, durability, monitors = [] } = options;
  if (durability === "memory") return;
  const refuse = (why: string): never => {
    throw new Error(`the stream ${stream} cannot promise "${durability}": ${why}`);
  };
  if (config.storage !== "file") refuse('it is held in memory; make one with storage "file"');
  const { persist_mode: mode } = config as { readonly persist_mode?: string };
  if (mode === "async") refuse('its persist_mode is "async", so messages are acknowledged before they are written');
  if (durability === "process") return;
  if (monitors.length === 0)
    refuse(
      "whether its servers sync before they acknowledge can be seen at their monitoring ports only; name those of all servers",
    );
  for (const monitor of monitors) {
    const fault = await syncFault(monitor, fetchJson);
    if (fault !== undefined) refuse(fault);
  }
}

interface Varz {
  readonly jetstream?: { readonly config?: { readonly sync_always?: boolean; readonly sync_interval?: number } };
}

async function syncFault(monitor: string, fetchJson: FetchJson): Promise<string | undefined> {
  try {
    const { jetstream } = (await fetchJson(new URL("/varz", monitor).href)) as Varz;
    if (jetstream?.config === undefined) return `the server at ${monitor} has no JetStream`;
    if (jetstream.config.sync_always === true) return undefined;
    return `the server at ${monitor} syncs some time after it acknowledges; set sync_interval: always in its jetstream block`;
  } catch (error) {
    return `the server's settings cannot be read at ${monitor}: ${(error as Error).message}`;
  }
}
