import { every, type Cancel, type Clock } from "../clock.ts";
import type { SessionCounters } from "../session/services.ts";

/** Milliseconds. */
const LOOK = 100;
/** Those who go within this time go together, in milliseconds. */
const WINDOW = 10_000;
/** Fewer are not worth a collection. */
const MANY = 1000;

/**
 * Calls `collect` when half of all sessions, or more, have gone together. They mostly come back at once: the collector
 * would still hold the sessions that went while it makes room for those that come, and a heap that was twice as large
 * for a moment stays scattered over more memory than it needs. What is left to mark is small just then, so that the pause is
 * short.
 */
export function watchExodus(clock: Clock, counters: SessionCounters, collect: () => void): Cancel {
  let since = clock.now();
  let before = counters.closed;
  return every(clock, LOOK, () => {
    const { opened, closed } = counters;
    const gone = closed - before;
    const isMassive = gone >= MANY && gone >= opened - closed;
    if (isMassive) collect();
    const now = clock.now();
    if (!isMassive && now - since < WINDOW) return;
    since = now;
    before = closed;
  });
}
