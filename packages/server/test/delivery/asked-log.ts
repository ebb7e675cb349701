import { MemoryLog } from "../../src/adapters/memory/log.ts";
import type { Clock } from "../../src/clock.ts";
import { LogUnavailable, type Interest } from "../../src/log/log.ts";
import type { Stream } from "../../src/log/stream.ts";

/** One question of a node, which a test answers. */
export interface Asked {
  readonly filter: string;
  ended: boolean;
  answer(offset: number): void;
  fail(): void;
}

/** A log whose tail goes by interest, as far as interests are concerned. */
export class AskedLog extends MemoryLog {
  readonly asked: Asked[] = [];
  /** What every `catchUp` resolves with. */
  reached = 0;

  constructor(clock: Clock, epoch = "e") {
    super({ clock, epoch, retention: () => ({ size: 100, age: 1e9, idWindow: 0 }), maxBytes: 1e6 });
  }

  /** Filters that are asked for and not taken back, in the order of the asking. */
  get open(): readonly string[] {
    return this.asked.filter(({ ended }) => !ended).map(({ filter }) => filter);
  }

  interest = (filter: string): Interest => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const asked: Asked = {
      filter,
      ended: false,
      answer: resolve,
      fail: () => reject(new LogUnavailable("it takes too long")),
    };
    this.asked.push(asked);
    return { ready: promise, catchUp: () => Promise.resolve(this.reached), end: () => void (asked.ended = true) };
  };
}

export function streamOf(log: AskedLog): Stream {
  return { log, appender: undefined as never, dispatched: 0, received: 0 };
}
