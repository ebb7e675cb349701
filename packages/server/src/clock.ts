/** Time as every stage sees it. Passed in, so that a simulation can hold it in its hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `task` once after `ms`; the returned function takes that back. */
  after(ms: number, task: () => void): Cancel;
  /** Calls `task` when everything that arrived in this turn of the event loop has been handled. */
  endOfTurn(task: () => void): void;
}

export type Cancel = () => void;

/** Calls `task` again and again, each time `ms` after it has ended. The returned function ends that, also out of the task. */
export function every(clock: Clock, ms: number, task: () => void): Cancel {
  let isOver = false;
  const next = (): void => {
    task();
    if (!isOver) cancel = clock.after(ms, next);
  };
  let cancel = clock.after(ms, next);
  return () => {
    isOver = true;
    cancel();
  };
}

/** Resolves after `ms`. */
export function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  endOfTurn: (task) => void setImmediate(task),
};
