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

/** One publisher, number 0, that does not listen, and `subscribers` that do. */
export function broadcastClients(subscribers: number): ClientOptions[] {
  const topic = "news/all";
  const listener = { subscribe: [topic], hears: { first: 0, count: 1 } } as const;
  const publisher: ClientOptions = { index: 0, subscribe: [], hears: NOBODY, publishTo: topic };
  return [publisher, ...Array.from({ length: subscribers }, (_, i) => ({ index: i + 1, ...listener }))];
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
