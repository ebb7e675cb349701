import { every, type Cancel, type Clock } from "../clock.ts";
import type { SessionCounters } from "../session/services.ts";

/** Milliseconds: at 20,000 new sessions a second as many come in this time as are counted at least. */
const LOOK = 50;
/** Fewer are not worth a collection. */
const MANY = 1000;
/** A collection for each part of so many of the sessions that are there: its cost stays in proportion to that of their coming. */
const PARTS = 16;

/**
 * Calls `collect` again and again while sessions come in a mass. Each one leaves several times its own size behind: packets,
 * promises, the buffers they came in. If the engine collects as it would by itself, when the heap has doubled, all of that
 * lies between the sessions that stay, and they hold a fifth more memory for as long as they are there.
 */
export function watchInflux(clock: Clock, counters: SessionCounters, collect: () => void): Cancel {
  let before = counters.opened;
  return every(clock, LOOK, () => {
    const { opened, closed } = counters;
    const come = opened - before;
    if (come < MANY || come < (opened - closed) / PARTS) return;
    before = opened;
    collect();
  });
}
