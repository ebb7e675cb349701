import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { BusUnavailable, type BusSubscription } from "../../cluster/bus.ts";

export interface InletParts {
  readonly subject: string;
  /** Of those who listen with one queue, one gets each message; undefined: all do. */
  readonly queue: string | undefined;
  readonly take: (message: Msg) => void;
  /** Resolves when the server has what it was asked for before. Rejects with `BusUnavailable`. */
  readonly inForce: () => Promise<void>;
  readonly warn: (message: string) => void;
}

/** Hears a subject of NATS. The library asks for it again whenever the connection is back. */
export function listen(
  connection: NatsConnection,
  { subject, queue, take, inForce, warn }: InletParts,
): BusSubscription {
  let refused: Error | undefined;
  const subscription = connection.subscribe(subject, {
    ...(queue !== undefined && { queue }),
    callback: (error, message) => {
      if (error === null) return take(message);
      refused = error;
      warn(`NATS does not let this node hear ${subject}: ${error.message}`);
    },
  });
  const ready = inForce().then(() => {
    if (refused !== undefined) throw new BusUnavailable(`NATS refuses ${subject}: ${refused.message}`);
  });
  const end = (): void => {
    if (!connection.isClosed() && !subscription.isClosed()) subscription.unsubscribe();
  };
  return { ready: handled(ready), end };
}

/** Nobody has to look at it. */
export function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
