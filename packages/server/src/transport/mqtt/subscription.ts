import type { Quality } from "@tidegate/protocol";

/** What a client asked for with a subscription. */
export interface SubscriptionOptions {
  readonly qos: Quality;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly subscriptionId: number | undefined;
}

/** One subscription of a session, while its client is connected. */
export interface ActiveSubscription {
  /** As the client wrote it: a shared one with its `$share/…`. */
  readonly filter: string;
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

export type Wanted = Pick<ActiveSubscription, "options" | "since" | "rank">;

/** What the store of sessions keeps of a subscription beside its positions, as text. */
export function writeSubscription({ options, since, rank }: Wanted): string {
  return JSON.stringify({ options, since: [...since], rank });
}

/** What `writeSubscription` wrote. */
export function readSubscription(text: string): Wanted {
  const { since, ...rest } = JSON.parse(text) as Omit<Wanted, "since"> & { readonly since: [string, number][] };
  return { ...rest, since: new Map(since) };
}
