export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

export function sentence({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Counts from a JUnit report: one `testcase` element for each test, with a `failure` (or `error`) or `skipped` element
 * within. The sums in the head of the report are not used: they are of each file's nested suites.
 */
export function countsOf(report: string): Counts {
  let counts = NONE;
  for (const [, rest, body = ""] of report.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    if (rest === undefined) continue;
    counts = add(counts, { ...NONE, [outcomeOf(body)]: 1 });
  }
  return counts;
}

function outcomeOf(body: string): keyof Counts {
  if (/<(?:failure|error)\b/.test(body)) return "failed";
  return /<skipped\b/.test(body) ? "skipped" : "passed";
}
