import { expect, test } from "bun:test";
import { LoadAgent } from "../../src/engine/agent.ts";
import { RunClock } from "../../src/engine/clock.ts";
import { until } from "../../src/measure/wait.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";
import { startFaulty } from "./faulty-server.ts";
import { roomScenario } from "./room.ts";
import { runHere } from "./run-here.ts";

test("LG24 what waits for an answer when a storm cuts its connection is no error of the server", async () => {
  const server = startFaulty(() => "deliver");
  const storm = roomScenario(server.url, 200, 0.5).replace(
    "  - { phase: down",
    "  - { phase: storm, for: 500ms, drop: 100%, back: 200ms }\n  - { phase: down",
  );
  const holding = until("deliveries", 10_000, () => server.deliveries > 50).then(async () => {
    server.pause();
    await until("the storm", 10_000, () => server.opened > 12);
    server.resume();
  });
  const { totals, correctness, verdict } = await runHere(storm);
  await holding;
  await server.stop();
  expect([...verdict.reasons, ...totals.examples]).toEqual([]);
  expect(totals.opened).toBe(24);
  expect(totals.acked).toBeLessThan(totals.sent);
  expect(correctness[0]).toMatchObject({ lost: 0, repeated: 0, reordered: 0 });
}, 60_000);

/** More than may be under way at once. */
const CLIENTS = 500;

test("LG24 a storm cuts connections that are being set up, too, and they come back", async () => {
  const server = startFaulty(() => "deliver");
  const scenario = loadScenario(
    `
name: storm
target: { urls: "${server.url}" }
populations: [{ name: idle, count: ${CLIENTS}, subscribe: { topic: room } }]
phases: [{ phase: ramp, for: 1s }]
`,
    "test.yaml",
  );
  const clock = new RunClock(() => performance.now() * 1000);
  let ready = 0;
  const prepare = { order: "prepare", scenario, agent: 0, agents: 1, offset: 0 } as const;
  const agent = new LoadAgent(prepare, clock, (report) => {
    if (report.report === "ready") ready = report.connections;
  });
  try {
    agent.start();
    // It takes connections and answers nothing.
    server.pause();
    agent.take({ order: "connect", targets: [CLIENTS], at: clock.micros(), over: 0 });
    await until("connections that are being set up", 10_000, () => server.connections === 400);
    agent.take({ order: "storm", drop: 1, at: clock.micros(), back: 0 });
    await until("the storm", 10_000, () => server.opened > 400);
    server.resume();
    await until("all to be ready", 10_000, () => {
      agent.take({ order: "ready" });
      return ready === CLIENTS;
    });
    expect(server.connections).toBe(CLIENTS);
  } finally {
    agent.stop();
    await server.stop();
  }
}, 60_000);
