import type { Stored } from "@tidegate/protocol";
import type { Appender } from "./appender.ts";
import type { Log } from "./log.ts";

/** One log at work: where messages go in, and how far its tail has been handed to delivery. */
export interface Stream {
  readonly log: Log;
  readonly appender: Appender;
  /** Offset of the newest message that delivery has seen. */
  dispatched: number;
}

/** The stream that holds a namespace's topics. A filter over several namespaces has none, and so no position. */
export type StreamOf = (namespace: string) => Stream;

/** Hands a log's tail on and keeps count of it. */
export function follow(stream: Stream, deliver: (batch: readonly Stored[]) => void): () => void {
  return stream.log.tail({
    messages(batch) {
      const last = batch.at(-1);
      if (last === undefined) return;
      stream.dispatched = last.offset;
      deliver(batch);
    },
  });
}
