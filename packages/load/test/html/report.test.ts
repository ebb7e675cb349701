import { afterEach, expect, test } from "bun:test";
import { compareResults } from "../../src/compare/compare.ts";
import { renderComparisonPage } from "../../src/html/comparison.ts";
import { renderReport } from "../../src/html/report.ts";
import type { RunResult } from "../../src/result/types.ts";
import { type FaultyServer, startFaulty } from "../engine/faulty-server.ts";
import { runHere } from "../engine/run-here.ts";

const servers: FaultyServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function measured(name = "a run"): Promise<RunResult> {
  const server = startFaulty(() => "deliver");
  servers.push(server);
  return runHere(`
name: ${JSON.stringify(name)}
target: { urls: "${server.url}" }
populations:
  - { name: listeners, count: 5, subscribe: { topic: room } }
  - { name: talkers, count: 1, publish: { topic: room, rate: 200, bytes: 60 } }
phases:
  - { phase: ramp, for: 50ms }
  - { phase: hold, for: 1200ms }
  - { phase: down, for: 50ms }
`);
}

/** The server is this process: its CPU is not read. */
const WITHOUT_SERVER = ["percentiles", "latency", "throughput", "connections", "server-cpu"];

test("LG50 a report has verdict, figures and every picture that there are figures for", async () => {
  const html = renderReport(await measured());
  for (const id of WITHOUT_SERVER) expect(html).toContain(`<figure id="${id}">`);
  expect(html).not.toContain('<figure id="errors">');
  expect(html).toMatch(
    /<p class="verdict passed">Passed: [\d,]+ deliveries, none lost, repeated or out of order\.<\/p>/,
  );
  expect(html).not.toMatch(/NaN|undefined|Infinity/);
});

test("LG51 a report fetches nothing, and text from elsewhere is only text in it", async () => {
  const hostile = `<script src="//evil.example/x.js"></script>'"&`;
  const result = await measured(hostile);
  for (const html of [renderReport(result), renderComparisonPage(compareResults(result, result), [hostile, "b"])]) {
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(/);
    expect(html).toContain("&lt;script src=");
  }
});

test("LG52 two runs are drawn into the same pictures, the second one dashed", async () => {
  const result = await measured();
  const html = renderComparisonPage(compareResults(result, result), ["before", "after"]);
  expect(html).toContain("before: P99");
  expect(html).toContain('<li class="c2 dashed">after: P99</li>');
});
