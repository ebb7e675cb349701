import type { SessionStore } from "../../durable/session-store.ts";
import type { MqttContext } from "./context.ts";
import { readNote, writeNote } from "./note.ts";
import { readTestament, type Testament } from "./testament.ts";

/** The will that waits in the store. */
export async function readWill(store: SessionStore, key: string): Promise<Testament | undefined> {
  const { will } = readNote((await store.load(key))?.note);
  return will && readTestament(will);
}

/** The store forgets a will that was published, unless somebody else has the session by now. */
export async function settleWill(context: MqttContext, key: string, { id }: Testament): Promise<void> {
  const { store, roster, services } = context;
  try {
    await roster.whenLeft(key);
    const { claim } = await store.claim(key, (stored) => {
      const { expiry, will } = readNote(stored?.note);
      if (stored?.owner !== services.nodeId || will?.id !== id || !roster.isFree(key)) return undefined;
      return [
        { kind: "owner", owner: undefined },
        { kind: "note", text: writeNote({ expiry }) },
      ];
    });
    claim?.release();
  } catch (error) {
    // Whoever looks after this gateway's sessions one day publishes it again, under the same id.
    services.logger.warn({ err: error }, "mqtt: the store still has a will that was published");
  }
}
