import { afterEach, expect, test } from "bun:test";
import { Histogram } from "../../src/measure/histogram.ts";
import { type Fate, type FaultyServer, startFaulty } from "./faulty-server.ts";
import { slowerThan } from "./latencies.ts";
import { roomScenario } from "./room.ts";
import { runHere } from "./run-here.ts";

const servers: FaultyServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

function serve(fateOf: (delivery: number) => Fate = () => "deliver"): FaultyServer {
  const server = startFaulty(fateOf);
  servers.push(server);
  return server;
}

const EVERY = 10_000;

/** Every ten thousandth delivery meets a fate, each in its turn. */
function oneInTenThousand(fates: readonly Fate[]): (delivery: number) => Fate {
  // Not at the very end: a swapped delivery needs one after it.
  return (delivery) =>
    delivery % EVERY === EVERY / 2 ? fates[Math.floor(delivery / EVERY) % fates.length]! : "deliver";
}

test("LG20 LG21 one delivery in ten thousand lost, repeated, swapped or held is found, and counted as what it is", async () => {
  const server = serve(oneInTenThousand(["drop", "repeat", "swap", { hold: 400 }]));
  const limits = "limits: { delayedAfter: 300ms, delayed: 0% }\n";
  // One publisher: swapped with another's message, nothing is out of order.
  const yaml = roomScenario(server.url, 2000, 2.4, limits).replace("count: 2", "count: 1");
  const { correctness, verdict } = await runHere(yaml);
  const [heard] = correctness;
  const faults = Math.floor((server.deliveries + EVERY / 2) / EVERY);
  const times = (turn: number): number => Math.floor((faults + 3 - turn) / 4);
  expect(faults).toBeGreaterThanOrEqual(4);
  expect(heard!.lost).toBe(times(0));
  expect(heard!.repeated).toBe(times(1));
  // What is held comes after its followers, too.
  expect(heard!.reordered).toBe(times(2) + times(3));
  expect(heard!.maxLatency).toBeGreaterThanOrEqual(400_000);
  expect(heard!.delayed).toBeGreaterThanOrEqual(times(3));
  expect(heard!.expected).toBe(server.deliveries);
  expect(verdict.passed).toBe(false);
  for (const kind of ["lost", "repeated", "reordered", "delayed"])
    expect(verdict.reasons.join("\n")).toContain(`deliveries ${kind}; none is allowed`);
}, 30_000);

test("LG20 a server that does all right passes, and every message is accounted for", async () => {
  const server = serve();
  const { totals, correctness, verdict } = await runHere(roomScenario(server.url, 500, 0.6), 2);
  expect(verdict).toEqual({ passed: true, reasons: [] });
  expect(totals.sent).toBeGreaterThan(250);
  expect(totals.acked).toBe(totals.sent);
  expect(totals.delivered).toBe(totals.sent * 10);
  expect(correctness[0]).toMatchObject({ expected: totals.delivered, received: totals.delivered, lost: 0 });
}, 30_000);

test("LG22 loss that the scenario allows does not fail the run", async () => {
  const server = serve((delivery) => (delivery % 100 === 0 ? "drop" : "deliver"));
  const yaml = roomScenario(server.url, 500, 0.6, "drain: 200ms\nlimits: { lost: 2% }\n");
  const { correctness, verdict } = await runHere(yaml);
  expect(correctness[0]!.lost).toBeGreaterThan(20);
  expect(verdict.reasons).toEqual([]);
}, 30_000);

test("LG23 a server that stands still for a second shows that second: the open loop goes on", async () => {
  const server = serve();
  const paused = Promise.withResolvers<void>();
  const pauseAtFirst = (): void => {
    if (server.deliveries === 0) return;
    server.pause();
    setTimeout(() => {
      server.resume();
      paused.resolve();
    }, 1000);
  };
  const timer = setInterval(() => {
    if (server.deliveries === 0) return;
    clearInterval(timer);
    pauseAtFirst();
  }, 5);
  const { totals, phases } = await runHere(roomScenario(server.url, 500, 2));
  await paused.promise;
  const latency = Histogram.of(totals.latency);
  // A second of 500 a second was due while nothing came: half of those waited for more than half of it.
  const slow = slowerThan(latency, 500_000);
  expect(latency.max).toBeGreaterThan(950_000);
  expect(slow).toBeGreaterThan(0.4 * 500 * 10);
  expect(totals.sent).toBeGreaterThan(900);
  expect(Histogram.of(phases[1]!.latency).max).toBe(latency.max);
}, 30_000);

test("LG24 a storm cuts connections, which come back; nothing is lost on those that stay", async () => {
  const server = serve();
  const storm = roomScenario(server.url, 200, 0.3).replace(
    "  - { phase: down",
    "  - { phase: storm, for: 500ms, drop: 50%, back: 200ms }\n  - { phase: down",
  );
  const { totals, correctness } = await runHere(storm);
  expect(totals.opened).toBe(18);
  expect(totals.peakConnections).toBe(12);
  expect(correctness[0]).toMatchObject({ lost: 0, repeated: 0, reordered: 0 });
}, 30_000);

test("LG25 an interrupted run ends in good order and says so", async () => {
  const server = serve();
  const stop = new AbortController();
  const running = runHere(roomScenario(server.url, 200, 60), 1, { stop: stop.signal, onProgress: () => stop.abort() });
  const { meta, verdict, totals, phases } = await running;
  expect(meta.interrupted).toBe(true);
  expect(verdict.reasons).toContain("it was interrupted");
  expect(totals.delivered).toBe(totals.sent * 10);
  expect(phases.at(-1)!.kind).toBe("drain");
  expect(meta.seconds).toBeLessThan(30);
}, 40_000);

test("LG58 a message that is behind a later one of its topic, of whatever publisher, counts as reordered", async () => {
  const server = serve();
  // Each in the order of its publisher, but every fiftieth in a place that is over.
  server.placeOf = (publish) => (publish % 50 === 0 ? publish - 1 : publish);
  const { correctness, verdict } = await runHere(roomScenario(server.url, 500, 0.4), 2);
  const wrong = Math.floor(server.publishes / 50) * 10;
  expect(wrong).toBeGreaterThan(0);
  expect(correctness[0]).toMatchObject({ reordered: wrong, lost: 0, repeated: 0, expected: server.deliveries });
  expect(correctness[0]!.examples.join("\n")).toMatch(/which is at 49 of the topic, after the one at 49/);
  expect(verdict.reasons.join("\n")).toContain("deliveries reordered; none is allowed");
}, 30_000);

test("LG62 a delivery to who is not subscribed to its topic counts as foreign and fails the run", async () => {
  const server = serve();
  // Who wants to hear the last room hears the first one.
  server.roomOf = (topic) => (topic === "room_3" ? "room_0" : topic);
  const rooms = 'topic: "room_{room}", rooms: 4';
  const yaml = roomScenario(server.url, 200, 0.4, "drain: 200ms\nlimits: { lost: 100% }\n")
    .replace("count: 10", "count: 8")
    .replace("subscribe: { topic: room }", `subscribe: { ${rooms} }`)
    .replace("publish: { topic: room,", `publish: { ${rooms}, each: 0, order: random,`);
  const { correctness, verdict } = await runHere(yaml);
  // Two clients are in each room.
  const foreign = 2 * (server.published.get("room_0") ?? 0);
  expect(foreign).toBeGreaterThan(0);
  expect(correctness[0]).toMatchObject({ foreign, received: server.deliveries - foreign, repeated: 0, reordered: 0 });
  expect(verdict.reasons).toEqual([`listeners: ${foreign} deliveries of topics that were not subscribed to`]);
}, 30_000);

test("LG59 in random order a client publishes to any of its rooms, and every message is accounted for", async () => {
  const server = serve();
  const rooms = 'topic: "room_{room}", rooms: 8';
  const yaml = roomScenario(server.url, 1000, 0.4)
    .replace("subscribe: { topic: room }", `subscribe: { ${rooms} }`)
    .replace("publish: { topic: room,", `publish: { ${rooms}, each: 0, order: random,`);
  const { correctness, verdict } = await runHere(yaml, 2);
  expect(verdict.reasons).toEqual([]);
  expect(correctness[0]!.received).toBe(server.deliveries);
  const counts = [...server.published.values()];
  expect(counts).toHaveLength(8);
  // In turns no room would have more than one or two beyond another.
  expect(Math.max(...counts) - Math.min(...counts)).toBeGreaterThan(4);
}, 30_000);
