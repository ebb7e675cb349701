import type { Quality } from "@tidegate/protocol";

/** What a client asked for with a subscription. */
export interface SubscriptionOptions {
  readonly qos: Quality;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly subscriptionId: number | undefined;
}

/** The same object for all that asked for the same without an identifier: there are very many subscriptions. */
export function optionsOf({
  qos,
  noLocal,
  retainAsPublished,
  subscriptionId,
}: SubscriptionOptions): SubscriptionOptions {
  if (subscriptionId !== undefined) return { qos, noLocal, retainAsPublished, subscriptionId };
  return WITHOUT_ID[qos * 4 + (noLocal ? 2 : 0) + (retainAsPublished ? 1 : 0)]!;
}

const WITHOUT_ID: readonly SubscriptionOptions[] = ([0, 1, 2] as const).flatMap((qos) =>
  [false, true].flatMap((noLocal) =>
    [false, true].map((retainAsPublished) => ({ qos, noLocal, retainAsPublished, subscriptionId: undefined })),
  ),
);

/** One subscription of a session, while its client is connected. */
export interface ActiveSubscription {
  /** As the client wrote it: a shared one with its `$share/…`. */
  readonly filter: string;
  /** Its name in the store: the filter, and for one that has ended more than that. */
  readonly key: string;
  /** Grows with the subscriptions of a session. */
  readonly order: number;
  readonly options: SubscriptionOptions;
  /** Where each log stood, by its epoch, when the client subscribed. */
  readonly since: StartAt;
  /** The QoS with which it began: of several that name a topic the highest delivers, also if their options change. */
  readonly rank: Quality;
  /** Delivers from now on no more. */
  stop(): void;
  /** Delivers what was dispatched and waits for others to go with it. */
  flush?(): void;
  /** Begins to deliver, where it was held until the client has been told that its session is there. */
  release?(): void;
}

/** Offsets by the epoch of their log. */
export type StartAt = ReadonlyMap<string, number>;

/** Where nothing is to be passed over. One for all: there are very many subscriptions. */
export const FROM_NOW: StartAt = new Map();

export type Wanted = Pick<ActiveSubscription, "options" | "since" | "rank" | "order"> & {
  /** Of one that has ended: where each log stood then. */
  readonly until?: StartAt | undefined;
};

/** What the store of sessions keeps of a subscription beside its positions, as text. */
export function writeSubscription({ options, since, rank, order, until }: Wanted): string {
  return JSON.stringify({ options, since: [...since], rank, order, until: until && [...until] });
}

/** What `writeSubscription` wrote. */
export function readSubscription(text: string): Wanted {
  const { since, until, ...rest } = JSON.parse(text) as Written;
  return { ...rest, since: new Map(since), until: until && new Map(until) };
}

type Entries = [epoch: string, offset: number][];
type Written = Omit<Wanted, "since" | "until"> & { readonly since: Entries; readonly until?: Entries };

/** No filter of a client has U+0000: what is behind it tells those apart that have ended. */
const END = "\0";

export function endedKey(filter: string, id: string): string {
  return filter + END + id;
}

export function filterOfKey(key: string): string {
  return key.split(END, 1)[0]!;
}
