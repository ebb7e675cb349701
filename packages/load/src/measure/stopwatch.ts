/** Microseconds since the stopwatch was started. Monotonic. */
export interface Stopwatch {
  micros(): number;
  /** When it was started, in milliseconds since 1970 with their fraction. */
  readonly origin: number;
}

/** `origin` starts it at the moment at which another thread started its own. */
export function startStopwatch(origin?: number): Stopwatch {
  // Each thread has its own timeOrigin; Bun's hrtime and nanoseconds count from the start of the thread, too.
  const start = origin ?? performance.timeOrigin + performance.now();
  const offset = performance.timeOrigin - start;
  return { origin: start, micros: () => Math.floor((performance.now() + offset) * 1000) };
}
