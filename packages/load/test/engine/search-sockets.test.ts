import { afterEach, expect, test } from "bun:test";
import { QueueServer } from "./queue-server.ts";
import { runHere } from "./run-here.ts";

const LIMIT = 1000;
let server: QueueServer | undefined;

afterEach(() => server?.stop());

/** A machine that is busy with other things stands still for some of the 300 ms that a trial of 5 seconds may show. */
const SEARCH = "search: { p99: 300ms, from: 700/s, to: 4000/s, trial: 5s, precision: 5%, confirm: 1 }";

/** Above 1,070/s the queue of a trial's end waits for longer than that, less what the server may catch up with. */
function scenario(url: string, more: string): string {
  return `
name: search
target: { urls: "${url}" }
populations:
  - { name: publishers, count: 10, publish: { topic: room, rate: ${LIMIT}, bytes: 60 } }
phases:
  - { phase: ramp, for: 50ms }
  - { phase: hold, for: 1s, load: 70% }
${more}
`;
}

test(
  "LG26 over real sockets the search finds the limit of a server that answers 1,000 messages a second",
  async () => {
    server = new QueueServer(LIMIT);
    // The first second is slow: code is compiled.
    await runHere(scenario(server.url, ""));
    const { search, verdict, phases, totals } = await runHere(scenario(server.url, SEARCH));
    const trials = JSON.stringify(search?.trials);
    expect([trials, Math.abs((search?.rate ?? 0) / LIMIT - 1) < 0.1]).toEqual([trials, true]);
    expect(verdict).toEqual({ passed: true, reasons: [] });
    expect(search?.goal).toEqual({ p99: 300_000, loss: 0 });
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
