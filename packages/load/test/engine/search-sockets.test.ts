import { afterEach, expect, test } from "bun:test";
import { QueueServer } from "./queue-server.ts";
import { runHere } from "./run-here.ts";

const LIMIT = 1000;
let server: QueueServer | undefined;

afterEach(() => server?.stop());

/** A queue that grows by 5 % of a trial's 3 seconds waits for 150 ms at its end: above 1,050/s nothing is kept. */
function scenario(url: string): string {
  return `
name: search
target: { urls: "${url}" }
populations:
  - { name: publishers, count: 10, publish: { topic: room, rate: ${LIMIT}, bytes: 60 } }
phases:
  - { phase: ramp, for: 50ms }
  - { phase: hold, for: 1s }
search: { p99: 150ms, from: 700/s, to: 4000/s, trial: 3s, precision: 5%, confirm: 1 }
`;
}

test(
  "LG26 over real sockets the search finds the limit of a server that answers 1,000 messages a second",
  async () => {
    server = new QueueServer(LIMIT);
    const { search, verdict, phases, totals } = await runHere(scenario(server.url));
    const trials = JSON.stringify(search?.trials);
    expect([trials, Math.abs((search?.rate ?? 0) / LIMIT - 1) < 0.1]).toEqual([trials, true]);
    expect(verdict).toEqual({ passed: true, reasons: [] });
    expect(search?.goal).toEqual({ p99: 150_000, loss: 0 });
    const kept = search?.trials.filter((trial) => trial.kept && trial.rate === search.rate);
    expect(kept?.length).toBeGreaterThanOrEqual(2);
    expect(search?.trials.find(({ rate }) => rate === 1400)?.reason).toMatch(/^P99 of \d+ ms$/);
    expect(phases.filter(({ kind }) => kind === "trial")).toHaveLength(search?.trials.length ?? 0);
    // What was under way at the end of a trial was waited for.
    expect(totals.acked).toBe(totals.sent);
  },
  // A search that a busy machine has led astray may try once more.
  { timeout: 120_000, retry: 1 },
);
