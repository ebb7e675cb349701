import type { Stored } from "@tidegate/protocol";
import type { Appender } from "./appender.ts";
import type { Log } from "./log.ts";

/** One log at work: where messages go in, and how far its tail has been handed to delivery. */
export interface Stream {
  readonly log: Log;
  readonly appender: Appender;
  /** Delivery has seen everything up to this offset; where the tail goes by interest, of the topics that are asked for. */
  dispatched: number;
  /** Messages that the tail gave. */
  received: number;
}

/** Newest offset of a stream that this node knows of. */
export function newestOf({ log, dispatched }: Stream): number {
  return Math.max(log.head(), dispatched);
}

/** The stream that holds a namespace's topics. A filter over several namespaces has none, and so no position. */
export type StreamOf = (namespace: string) => Stream;

/** Hands a log's tail on and keeps count of it. */
export function follow(stream: Stream, deliver: (batch: readonly Stored[]) => void): () => void {
  return stream.log.tail({
    messages(batch) {
      const last = batch.at(-1);
      if (last === undefined) return;
      // By interest, a message that came late may stand behind newer ones of other topics.
      stream.received += batch.length;
      if (last.offset > stream.dispatched) stream.dispatched = last.offset;
      deliver(batch);
    },
  });
}
