import type { Flight, StoredPosition, StoredSession, StoredSubscription } from "../../../durable/session-store.ts";

/** What stands in the header of a base: enough to find who must be looked after. */
export interface Label {
  readonly id: string;
  readonly owner: string | undefined;
  readonly expires: number | undefined;
}

/** Who wrote it: a claim, and the number of its write. */
export type By = string;

export interface BaseRecord {
  readonly by: By;
  readonly session: StoredSession;
}

/** A position that has changed since the base was written. */
export interface Moved {
  readonly filter: string;
  readonly epoch: string;
  readonly offset: number;
}

export interface DeltaRecord {
  readonly by: By;
  /** Sequence of the base that it belongs to: with another one it says nothing. */
  readonly base: number;
  readonly moved: readonly Moved[];
  readonly flights: readonly Flight[];
}

export const LABEL = "Tidegate";

/** JSON, whose escapes keep line breaks out of the header. */
export function encodeLabel({ id, owner, expires }: Label): string {
  return JSON.stringify([id, orNull(owner), orNull(expires)]);
}

export function decodeLabel(text: string): Label {
  const [id, owner, expires] = JSON.parse(text) as readonly [string, string | null, number | null];
  return { id, owner: owner ?? undefined, expires: expires ?? undefined };
}

export function encodeBase({ by, session }: BaseRecord): string {
  const { user, owner, expires, note, subscriptions, flights } = session;
  const written = subscriptions.map(({ filter, options, positions }) => [
    filter,
    options,
    positions.map(({ epoch, offset }) => [epoch, offset]),
  ]);
  return JSON.stringify([by, [user, owner, expires, note].map(orNull), written, flights.map(packFlight)]);
}

export function decodeBase(text: string): BaseRecord {
  const [by, [user, owner, expires, note], subscriptions, flights] = JSON.parse(text) as WrittenBase;
  return {
    by,
    session: {
      user: user ?? undefined,
      owner: owner ?? undefined,
      expires: expires ?? undefined,
      note: note ?? undefined,
      subscriptions: subscriptions.map(([filter, options, positions]) => ({
        filter,
        options,
        positions: positions.map(([epoch, offset]) => ({ epoch, offset })),
      })),
      flights: flights.map(unpackFlight),
    },
  };
}

export function encodeDelta({ by, base, moved, flights }: DeltaRecord): string {
  const positions = moved.map(({ filter, epoch, offset }) => [filter, epoch, offset]);
  return JSON.stringify([by, base, positions, flights.map(packFlight)]);
}

export function decodeDelta(text: string): DeltaRecord {
  const [by, base, moved, flights] = JSON.parse(text) as WrittenDelta;
  return {
    by,
    base,
    moved: moved.map(([filter, epoch, offset]) => ({ filter, epoch, offset })),
    flights: flights.map(unpackFlight),
  };
}

/** The session as base and delta say it together. */
export function joined(session: StoredSession, { moved, flights }: DeltaRecord): StoredSession {
  const subscriptions = session.subscriptions.map((one) => withMoved(one, moved));
  return { ...session, subscriptions, flights };
}

function withMoved(subscription: StoredSubscription, moved: readonly Moved[]): StoredSubscription {
  const own = moved.filter(({ filter }) => filter === subscription.filter);
  if (own.length === 0) return subscription;
  const offsets = new Map([...subscription.positions, ...own].map(({ epoch, offset }) => [epoch, offset]));
  const positions = Array.from(offsets, ([epoch, offset]): StoredPosition => ({ epoch, offset }));
  return { ...subscription, positions };
}

type PackedFlight = readonly [flags: number, packet: number, filter: string, epoch: string, offset: number, id: string];
type WrittenBase = readonly [
  by: By,
  head: readonly [user: string | null, owner: string | null, expires: number | null, note: string | null],
  subscriptions: readonly (readonly [
    filter: string,
    options: string,
    positions: readonly (readonly [string, number])[],
  ])[],
  flights: readonly PackedFlight[],
];
type WrittenDelta = readonly [
  by: By,
  base: number,
  moved: readonly (readonly [filter: string, epoch: string, offset: number])[],
  flights: readonly PackedFlight[],
];

/** Bit 0 the direction, bit 1 the state. */
function packFlight({ direction, packet, state, filter, epoch, offset, messageId }: Flight): PackedFlight {
  const flags = (direction === "in" ? 1 : 0) | (state === "received" ? 2 : 0);
  return [flags, packet, filter, epoch, offset, messageId];
}

function unpackFlight([flags, packet, filter, epoch, offset, messageId]: PackedFlight): Flight {
  return {
    direction: (flags & 1) === 1 ? "in" : "out",
    packet,
    state: (flags & 2) === 2 ? "received" : "sent",
    filter,
    epoch,
    offset,
    messageId,
  };
}

function orNull<T>(value: T | undefined): T | null {
  return value ?? null;
}
