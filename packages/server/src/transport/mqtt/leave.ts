import type { MqttClient } from "./client.ts";
import { writeNote } from "./note.ts";
import { testamentOf } from "./take-session.ts";
import { delayOf, type Testament, writeTestament } from "./testament.ts";

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
  const { context, state } = client;
  state.stop();
  const testament = abnormal ? testamentOf(client) : undefined;
  const isStored = testament !== undefined && state.ledger !== undefined && state.expiry > 0;
  context.roster.remove(state.key, client, store(client, isStored ? testament : undefined));
  if (testament === undefined) return;
  context.wills.leave(state.key, { testament, delay: delayOf(testament, state.expiry), isStored });
}

/** A will that is not published yet stays in the store, with who looks after it. */
function store(client: MqttClient, testament: Testament | undefined): Promise<void> | undefined {
  const { context, state, usedWindow } = client;
  const { ledger, progress, expiry } = state;
  if (ledger === undefined) return undefined;
  if (expiry === 0) ledger.note({ kind: "delete" });
  else {
    if (usedWindow !== undefined || state.all.length > 0) progress?.notePositions(state.all, client.window, true);
    if (usedWindow !== undefined) progress?.noteFlights(usedWindow);
    if (testament === undefined) ledger.note({ kind: "owner", owner: undefined });
    ledger.note({ kind: "note", text: writeNote({ expiry, will: testament && writeTestament(testament) }) });
    ledger.note({ kind: "expires", at: context.services.clock.now() + expiry * 1000 });
  }
  return ledger.close();
}
