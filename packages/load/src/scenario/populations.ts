import type { ClientOptions } from "../client/client.ts";

const NOBODY = { first: 0, count: 0 } as const;

/** `rooms` rooms of `members` clients; each publishes to its room and hears all of it, itself too. */
export function roomClients(rooms: number, members: number): ClientOptions[] {
  return Array.from({ length: rooms * members }, (_, index) => {
    const room = Math.floor(index / members);
    const topic = `chat/room_${room}`;
    return { index, subscribe: [topic], hears: { first: room * members, count: members }, publishTo: topic };
  });
}

export const BROADCAST_TOPIC = "news/all";

/** Subscribers of one topic, which publisher 0 of another thread feeds. */
export function listeners(count: number): ClientOptions[] {
  const listener = { subscribe: [BROADCAST_TOPIC], hears: { first: 0, count: 1 } } as const;
  return Array.from({ length: count }, (_, index) => ({ index, ...listener }));
}

/** Publishers with a topic each, to which nobody listens. */
export function lonePublishers(count: number): ClientOptions[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    subscribe: [],
    hears: NOBODY,
    publishTo: `events/source_${index}`,
  }));
}

/** Clients that only stay: each in a room of 10 and a shared topic of 100. */
export function idleClients(count: number, tokenOf: (index: number) => string | undefined): ClientOptions[] {
  return Array.from({ length: count }, (_, index) => {
    const token = tokenOf(index);
    const subscribe = [`chat/room_${Math.floor(index / 10)}`, `news/shared_${Math.floor(index / 100)}`];
    return { index, subscribe, hears: NOBODY, ...(token === undefined ? {} : { token }) };
  });
}
