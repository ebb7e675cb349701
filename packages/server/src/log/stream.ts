import type { Stored } from "@tidegate/protocol";
import type { Appender } from "./appender.ts";
import type { Log } from "./log.ts";

/** One log at work: where messages go in, and how far its tail has been handed to delivery. */
export interface Stream {
  /** Which of several logs of one durability; undefined: there is one. */
  readonly shard?: number | undefined;
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

/** The stream that holds a topic. Its namespace can be given where it is known. */
export type StreamOf = (topic: string, namespace?: string) => Stream;

/** The stream that holds all topics of a filter. If there are several it has none, and so no position. */
export type PlaceOf = (filter: string) => Stream | undefined;

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
