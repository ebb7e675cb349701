/** Microseconds since the stopwatch was made. Monotonic. */
export interface Stopwatch {
  micros(): number;
}

export function startStopwatch(): Stopwatch {
  const start = Bun.nanoseconds();
  return { micros: () => Math.floor((Bun.nanoseconds() - start) / 1000) };
}
