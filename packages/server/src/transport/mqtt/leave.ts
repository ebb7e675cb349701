import type { MqttClient } from "./client.ts";
import { writeNote } from "./note.ts";

/**
 * The client is gone, or about to be: its subscriptions end, what is durable goes to the store, and its will is published
 * or waits. Only the first call counts.
 *
 * @param abnormal - it did not say goodbye, so its will counts
 */
export function leave(client: MqttClient, abnormal: boolean): void {
  if (client.phase === "closed") return;
  client.phase = "closed";
  if (!client.hasState) return;
  const { context, state, will, identity } = client;
  state.stop();
  const stored = store(client);
  context.roster.remove(state.key, client, stored);
  if (will === undefined || identity === undefined || !abnormal) return;
  const delay = Math.min(will.properties?.willDelayInterval ?? 0, state.expiry);
  context.wills.leave(state.key, { will, identity }, delay * 1000);
}

function store(client: MqttClient): Promise<void> | undefined {
  const { context, state, usedWindow } = client;
  const { ledger, progress } = state;
  if (ledger === undefined) return undefined;
  if (state.expiry === 0) ledger.note({ kind: "delete" });
  else {
    if (usedWindow !== undefined || state.all.length > 0) progress?.notePositions(state.all, client.window);
    if (usedWindow !== undefined) progress?.noteFlights(usedWindow);
    ledger.note({ kind: "note", text: writeNote({ expiry: state.expiry }) });
    ledger.note({ kind: "expires", at: context.services.clock.now() + state.expiry * 1000 });
  }
  return ledger.flush();
}
