import type { Memory } from "../../src/measure/process-stats.ts";

/** Milliseconds between two looks, and in all. */
const STEP = 500;
const LONGEST = 10_000;
/** Change between looks below which memory stands still. */
const STILL = 0.003;
/** Looks in a row that must be still: collectors run in steps of a second. */
const LOOKS = 3;

/** Memory once it stands still, or after ten seconds. */
export async function settled(look: () => Memory): Promise<Memory> {
  let last = look();
  let still = 0;
  for (let waited = 0; waited < LONGEST && still < LOOKS; waited += STEP) {
    await Bun.sleep(STEP);
    const next = look();
    still = Math.abs(next.rss - last.rss) < last.rss * STILL ? still + 1 : 0;
    last = next;
  }
  return last;
}
