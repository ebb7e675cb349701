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
}

/** Offsets by the epoch of their log. */
export type StartAt = ReadonlyMap<string, number>;

/** What the store of sessions keeps of a subscription beside its positions, as text. */
export function writeSubscription({ options, since }: Pick<ActiveSubscription, "options" | "since">): string {
  return JSON.stringify({ options, since: [...since] });
}

/** What `writeSubscription` wrote. */
export function readSubscription(text: string): Pick<ActiveSubscription, "options" | "since"> {
  const { options, since } = JSON.parse(text) as { options: SubscriptionOptions; since: [string, number][] };
  return { options, since: new Map(since) };
}
