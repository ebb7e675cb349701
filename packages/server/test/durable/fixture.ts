import type { Flight, SessionStore, StoredSession } from "../../src/durable/session-store.ts";

export function flightOut(packet: number, fields: Partial<Flight> = {}): Flight {
  return {
    direction: "out",
    packet,
    state: "sent",
    filter: "a/#",
    epoch: "e1",
    offset: packet,
    messageId: "",
    ...fields,
  };
}

export function flightIn(packet: number, fields: Partial<Flight> = {}): Flight {
  const none = { filter: "", epoch: "", offset: 0 };
  return { direction: "in", packet, state: "received", ...none, messageId: `m${packet}`, ...fields };
}

/** What a session holds right after `create`. */
export function empty(user?: string): StoredSession {
  return { user, owner: undefined, expires: undefined, note: undefined, subscriptions: [], flights: [] };
}

/** A session as it is loaded, with its positions, which come in no order, by epoch. */
export async function loaded(store: SessionStore, id: string): Promise<StoredSession | undefined> {
  const found = await store.load(id);
  return found && sorted(found);
}

export function sorted(session: StoredSession): StoredSession {
  const subscriptions = session.subscriptions.map((one) => ({
    ...one,
    positions: one.positions.toSorted((a, b) => (a.epoch < b.epoch ? -1 : 1)),
  }));
  return { ...session, subscriptions };
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
