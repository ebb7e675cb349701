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

/** What the store of sessions keeps of a subscription beside its positions, as text. */
export function writeSubscription({ options, since }: Pick<ActiveSubscription, "options" | "since">): string {
  return JSON.stringify({ options, since: [...since] });
}

/** What `writeSubscription` wrote. */
export function readSubscription(text: string): Pick<ActiveSubscription, "options" | "since"> {
  const { options, since } = JSON.parse(text) as { options: SubscriptionOptions; since: [string, number][] };
  return { options, since: new Map(since) };
}
