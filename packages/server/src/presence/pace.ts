/**
 * How often a topic tells its changes. A join is told to the whole topic, so a room of N that fills one by one would
 * cost N² / 2 sends; instead a topic has a budget, and the more receivers it has the longer it gathers.
 */

/**
 * Receivers told per second and topic. One send costs about 5 µs of kernel time, so a topic whose members come and go
 * all the time takes at most 2.5 % of a core.
 */
export const SENDS_PER_SECOND = 5_000;

/** Shortest time between two tellings of one topic, in milliseconds: as fast as a list on a screen can be read. */
const MIN_INTERVAL = 100;

/** Up to so many receivers, a topic that was quiet tells a change in the same turn. */
export const SMALL_TOPIC = 100;

/** Milliseconds in which telling `receivers` stays within the budget. */
export function intervalFor(receivers: number): number {
  return Math.max(MIN_INTERVAL, Math.ceil((receivers * 1000) / SENDS_PER_SECOND));
}
