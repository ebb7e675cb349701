import type { Cancel, Clock } from "../../src/clock.ts";

interface Timer {
  readonly due: number;
  /** Timers of the same millisecond run in the order in which they were set. */
  readonly order: number;
  readonly task: () => void;
}

/** Turns in a row without the time moving, after which a test is taken to loop for ever. */
const MAX_TURNS = 100_000;

/**
 * A clock that a test moves by hand. Nothing happens by itself: time stands still until `advance`, and a turn of the
 * event loop ends only by `turn`, `settle` or `advance`. Promises are not its business: await them between the steps.
 */
export class FakeClock implements Clock {
  #now: number;
  #order = 0;
  /** By due time, the next one last, so that it is cheap to take. */
  readonly #timers: Timer[] = [];
  #endOfTurn: (() => void)[] = [];

  /** `start`: milliseconds since 1970. */
  constructor(start = 1_700_000_000_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): Cancel {
    // As setTimeout: what is not a positive number is 0, and a fraction of a millisecond is cut off.
    const timer = { due: this.#now + (ms > 0 ? Math.trunc(ms) : 0), order: this.#order++, task };
    this.#timers.splice(this.#place(timer), 0, timer);
    return () => this.#cancel(timer);
  }

  endOfTurn(task: () => void): void {
    this.#endOfTurn.push(task);
  }

  /** Timers that wait. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Tasks that wait for the end of the turn. */
  get turnTasks(): number {
    return this.#endOfTurn.length;
  }

  /** Milliseconds until the next timer; undefined without one. */
  get untilNext(): number | undefined {
    const next = this.#timers.at(-1);
    return next === undefined ? undefined : next.due - this.#now;
  }

  /** Ends one turn. What its tasks put off to the end of the turn belongs to the next one, as with setImmediate. */
  turn(): void {
    const tasks = this.#endOfTurn;
    this.#endOfTurn = [];
    for (const task of tasks) task();
  }

  /** Ends turns until none has anything left to do; the time stands still. */
  settle(): void {
    for (let turns = 0; this.#endOfTurn.length > 0; turns++) {
      if (turns === MAX_TURNS) throw new Error(`${MAX_TURNS} turns ended and there is still something to do`);
      this.turn();
    }
  }

  /** Settles, then moves the time by `ms`; each timer that falls due runs at its own time, and its turn is settled. */
  advance(ms: number): void {
    this.settle();
    const end = this.#now + ms;
    for (let next = this.#timers.at(-1); next !== undefined && next.due <= end; next = this.#timers.at(-1)) {
      this.#timers.pop();
      // After a jump it is late.
      this.#now = Math.max(this.#now, next.due);
      next.task();
      this.settle();
    }
    this.#now = end;
  }

  /** Moves the time and runs nothing, as for a process that stood still: what fell due runs late, with the next `advance`. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #cancel(timer: Timer): void {
    const place = this.#place(timer);
    if (this.#timers[place] === timer) this.#timers.splice(place, 1);
  }

  /** Where the timer stands or would stand. */
  #place(timer: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(timer, this.#timers[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
