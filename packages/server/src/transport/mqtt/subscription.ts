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
  /** Delivers from now on no more. */
  stop(): void;
}

/** The options as text, for the store of sessions. */
export function writeOptions(options: SubscriptionOptions): string {
  return JSON.stringify(options);
}

/** What `writeOptions` wrote. */
export function readOptions(text: string): SubscriptionOptions {
  return JSON.parse(text) as SubscriptionOptions;
}
