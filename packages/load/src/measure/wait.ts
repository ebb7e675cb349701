export class TimedOut extends Error {
  constructor(what: string, milliseconds: number) {
    super(`waited ${milliseconds / 1000} s for ${what}`);
    this.name = "TimedOut";
  }
}

/** Resolves when `condition` holds, looked at every 5 ms. Throws `TimedOut`. */
export async function until(what: string, milliseconds: number, condition: () => boolean): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > end) throw new TimedOut(what, milliseconds);
    await Bun.sleep(5);
  }
}
