import { afterEach, expect, test } from "bun:test";
import { until } from "../../src/measure/wait.ts";
import { Histogram } from "../../src/measure/histogram.ts";
import { endpointOf, sourceOf } from "../../src/engine/endpoint.ts";
import { makePlan } from "../../src/engine/plan.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";
import { type FaultyServer, startFaulty } from "./faulty-server.ts";
import { slowerThan } from "./latencies.ts";
import { roomScenario } from "./room.ts";
import { runHere } from "./run-here.ts";

const LIMIT = 30_000;
const servers: FaultyServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

function serve(): FaultyServer {
  const server = startFaulty(() => "deliver");
  servers.push(server);
  return server;
}

test(
  "LG41 connections come from the source addresses of the scenario, in turn",
  async () => {
    const server = serve();
    const sources = "agents: { sources: [127.0.0.7, 127.0.0.8, 127.0.0.9] }\n";
    const { verdict } = await runHere(roomScenario(server.url, 100, 0.2, sources));
    expect(verdict.reasons).toEqual([]);
    // Ten listeners and two talkers.
    expect(Object.fromEntries(server.addresses)).toEqual({ "127.0.0.7": 4, "127.0.0.8": 4, "127.0.0.9": 4 });
  },
  LIMIT,
);

test("LG41 on loopback no address has more clients than ports, however they are divided into populations", () => {
  const population = (name: string): string => `{ name: ${name}, count: 15000 }`;
  const { populations } = makePlan(
    loadScenario(
      `
name: many
target: { urls: "ws://127.0.0.1:8080/ws" }
populations: [${["a", "b", "c", "d"].map(population).join(", ")}]
phases: [{ phase: ramp, for: 1s }]
`,
      "test.yaml",
    ),
  );
  const clients = new Map<string, number>();
  for (const { first, spec, urls } of populations)
    for (let number = 0; number < spec.count; number++) {
      const source = sourceOf(endpointOf(urls[0] ?? "", "tidegate"), first + number, []) ?? "";
      clients.set(source, (clients.get(source) ?? 0) + 1);
    }
  expect(Object.fromEntries(clients)).toEqual({ "127.0.0.1": 20_000, "127.0.0.2": 20_000, "127.0.0.3": 20_000 });
});

test(
  "LG41 a source address that the machine does not have is an error that names it",
  async () => {
    const server = serve();
    const stop = new AbortController();
    // For documentation, RFC 5737: no machine has it.
    const yaml = roomScenario(server.url, 100, 0.2, "agents: { sources: [192.0.2.1] }\n");
    const { totals } = await runHere(yaml, 1, { stop: stop.signal, onProgress: () => stop.abort() });
    expect(server.opened).toBe(0);
    expect(totals.examples.join("\n")).toContain("192.0.2.1");
  },
  LIMIT,
);

test(
  "LG42 slow readers take no more than their rate: the server feels it, and the others lose nothing",
  async () => {
    const server = serve();
    const { correctness, verdict } = await runHere(`
name: slow readers
target: { urls: "${server.url}" }
populations:
  - { name: slow, count: 1, subscribe: { topic: slow }, readRate: 64KB }
  - { name: quick, count: 1, subscribe: { topic: quick } }
  - { name: to slow, count: 1, publish: { topic: slow, rate: 100, bytes: 256KB } }
  - { name: to quick, count: 1, publish: { topic: quick, rate: 20, bytes: 256KB } }
phases:
  - { phase: ramp, for: 50ms }
  - { phase: hold, for: 1s }
drain: 2s
# The server is in this process: where the machine is busy it reads late, and messages are held back before they are sent.
limits: { lost: 100%, errors: 100% }
`);
    const [slow, quick] = correctness;
    expect(server.backlog.get("slow")).toBeGreaterThan(1024 * 1024);
    expect(slow!.received).toBeLessThan(slow!.expected / 4);
    expect(quick).toMatchObject({ lost: 0, received: quick!.expected });
    expect(quick!.received).toBeGreaterThan(10);
    expect(verdict.reasons).toEqual([]);
  },
  LIMIT,
);

test(
  "LG43 in a closed loop no more than the window is under way, and a server that stands still holds the load back",
  async () => {
    const server = serve();
    const pause = setInterval(() => {
      if (server.publishes < 50) return;
      clearInterval(pause);
      server.pause();
      setTimeout(() => server.resume(), 1000);
    }, 1);
    const { totals, meta, verdict } = await runHere(
      roomScenario(server.url, 1, 1.5).replace("rate: 1,", "window: 3, think: 1ms..3ms,"),
    );
    expect(verdict.reasons).toEqual([]);
    expect(server.mostUnderWay).toBe(3);
    // Two talkers with three each met that second, not all that an open loop would have sent meanwhile.
    const late = Math.round(slowerThan(Histogram.of(totals.ack), 900_000));
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThanOrEqual(6);
    expect(totals.sent).toBeGreaterThan(50);
    // No schedule, so no rate to be held to.
    expect(meta.populations[1]).not.toHaveProperty("rate");
  },
  LIMIT,
);

test(
  "LG49 connections that the server ends come back and count as errors; on what stands nothing is lost",
  async () => {
    const server = serve();
    const yaml = roomScenario(server.url, 200, 2.5, "limits: { errors: 100% }\n");
    const quick = yaml.replaceAll(/^( +)count:/gm, "$1reconnect: 500ms\n$1count:");
    const back = until("deliveries", LIMIT, () => server.deliveries > 500).then(async () => {
      const from = performance.now();
      server.cut();
      await until("all connections again", LIMIT, () => server.opened === 24 && server.connections === 12);
      return performance.now() - from;
    });
    const { totals, correctness, verdict } = await runHere(quick);
    expect(verdict.reasons).toEqual([]);
    expect(totals.errors["disconnected"]).toBe(12);
    expect(totals.opened).toBe(24);
    // Not each later than the one before, as it would be if they were failures of one client in a row.
    expect(await back).toBeLessThan(2000);
    expect(correctness[0]).toMatchObject({ lost: 0, repeated: 0, reordered: 0, foreign: 0 });
    // Some came after the cut, too.
    expect(correctness[0]!.received).toBeGreaterThan(1000);
    expect(totals.acked + (totals.errors["unanswered"] ?? 0)).toBe(totals.sent);
  },
  LIMIT,
);

test(
  "LG49 where nobody answers, attempts go on less and less often, and the run ends without a connection",
  async () => {
    const server = serve();
    const { url } = server;
    await server.stop();
    const stop = new AbortController();
    let seconds = 0;
    const { totals, verdict } = await runHere(roomScenario(url, 100, 1), 1, {
      stop: stop.signal,
      onProgress: () => ++seconds === 3 && stop.abort(),
    });
    expect(verdict.reasons).toContain("no connection came to stand");
    expect(totals.examples.join("\n")).toContain("Failed to connect (ECONNREFUSED), 127.0.0.1 port");
    const attempts = totals.errors["set-up: refused"] ?? 0;
    expect(attempts).toBeGreaterThanOrEqual(12);
    // Twelve clients that came back after a second at most each would have tried 72 times in three.
    expect(attempts).toBeLessThan(60);
  },
  LIMIT,
);
