import { expect, test } from "bun:test";
import { JsonClient } from "../e2e/json-client.ts";
import { RawClient } from "../e2e/raw-client.ts";
import { startNode, type TestNode } from "../gateway/node.ts";
import { createMetrics, type ClusterSource } from "../../src/observe/metrics.ts";
import { newCounters } from "../../src/session/services.ts";
import { Stage } from "../session/stage.ts";
import { until } from "../support/until.ts";

/** Values by name and labels, as they stand in the text. */
type Values = ReadonlyMap<string, number>;

function read(text: string): Values {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

async function scrape({ http }: TestNode): Promise<Values> {
  return read(await (await fetch(`${http}/metrics`)).text());
}

const NAMESPACES = { NAMESPACES: '{"chat":{}}' };

test("R60 each figure moves when its thing happens", async () => {
  const node = await startNode({ env: { ...NAMESPACES, CONNECTIONS_MAX: "3" } });
  const before = await scrape(node);
  const [one, two, three] = [
    await JsonClient.connect(node.ws),
    await JsonClient.connect(node.ws),
    await JsonClient.connect(node.ws),
  ];
  expect((await RawClient.open({ port: node.port })).status).toBe(503);
  for (const client of [one, two]) await client.ask({ subscribe: { topic: "chat/#" } });
  await Promise.all([1, 2].map((n) => one.ask({ publish: { topic: "chat/a", data: n } })));
  await one.ask({ publish: { topic: "unlisted/a", data: 1 } });
  await two.ask({ unsubscribe: { topic: "none" } });
  three.raw("nonsense");
  await three.end();
  await until(() => node.gateway.services.sessions.size === 2);
  const after = await scrape(node);
  const moved = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  expect({
    connections: moved("tidegate_connections"),
    opened: moved("tidegate_connections_opened_total"),
    closed: moved("tidegate_connections_closed_total"),
    refused: moved("tidegate_connections_refused_total"),
    closes: moved('tidegate_closes_total{reason="malformed"}'),
    groups: moved("tidegate_groups"),
    commands: moved("tidegate_commands_total"),
    chat: moved('tidegate_published_total{namespace="chat"}'),
    other: moved('tidegate_published_total{namespace="other"}'),
    errors: moved('tidegate_errors_total{reason="not_subscribed"}'),
    deliveries: moved("tidegate_deliveries_total"),
    writes: moved("tidegate_delivery_writes_total"),
    offset: moved('tidegate_log_offset{durability="memory"}'),
    received: moved("tidegate_log_received_total"),
    version: after.get('tidegate_info{version="0.0.0"}'),
  }).toEqual({
    connections: 2,
    opened: 3,
    closed: 1,
    refused: 1,
    closes: 1,
    groups: 1,
    commands: 9,
    chat: 2,
    other: 1,
    errors: 1,
    deliveries: 4,
    writes: 2,
    offset: 3,
    received: 3,
    version: 1,
  });
  expect(after.get("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  expect(moved("process_cpu_seconds_total")).toBeGreaterThan(0);
  const age = Date.now() / 1000 - (after.get("process_start_time_seconds") ?? 0);
  expect(Math.abs(age - process.uptime())).toBeLessThan(5);
});

/** Metrics of a stage, with a loop that is `lag` milliseconds late. */
function staged(lag = 0, cluster: ClusterSource = { nodes: { all: [{ draining: false }] }, busState: "none" }) {
  const stage = new Stage();
  const { sessions, counters } = stage.services;
  const registry = createMetrics({
    sessions: () => sessions.size,
    groups: () => stage.hub.groups,
    refused: () => 0,
    counters,
    flush: stage.flusher.counters,
    streams: [stage.stream],
    loopLag: () => lag,
    version: "1",
    cluster,
  });
  return { stage, values: async () => read(await registry.metrics()) };
}

test("R60 the nodes that are known, and whether the bus is there", async () => {
  const cluster = { nodes: { all: [{ draining: false }, { draining: true }] }, busState: "up" as "up" | "down" };
  const { values } = staged(0, cluster);
  const before = await values();
  expect(before.get('tidegate_nodes{state="working"}')).toBe(1);
  expect(before.get('tidegate_nodes{state="draining"}')).toBe(1);
  expect(before.get("tidegate_bus_up")).toBe(1);
  cluster.nodes.all.pop();
  cluster.busState = "down";
  const after = await values();
  expect(after.get('tidegate_nodes{state="draining"}')).toBe(0);
  expect(after.get("tidegate_bus_up")).toBe(0);
  const alone = await staged().values();
  expect(alone.get('tidegate_nodes{state="working"}')).toBe(1);
  expect(alone.has("tidegate_bus_up")).toBe(false);
});

test("P58 the members of all nodes and of this one, whether all are known, and what was missed", async () => {
  const figures = { members: 7, own: 3, isWhole: false, holes: 2, snapshots: 1 };
  const cluster = { nodes: { all: [] }, busState: "up" as const, presenceFigures: () => figures };
  const shown = await staged(0, cluster).values();
  const values = ["members", "own_members", "whole", "holes_total", "snapshots_total"].map((name) =>
    shown.get(`tidegate_presence_${name}`),
  );
  expect(values).toEqual([7, 3, 0, 2, 1]);
  expect((await staged().values()).has("tidegate_presence_members")).toBe(false);
});

test("R60 what waits to be stored, who was made to skip, and what was slow", async () => {
  const { stage, values } = staged(250);
  const client = await stage.connected();
  client.do({ subscribe: { topic: "chat/a" } });
  const open = stage.log.holdAppends();
  client.do({ publish: { topic: "chat/a", data: 1 } });
  await stage.advance(1500);
  stage.services.counters.lagged += 1;
  const waiting = await values();
  expect(waiting.get('tidegate_log_waiting{durability="memory"}')).toBe(1);
  expect(waiting.get("tidegate_lagging_total")).toBe(1);
  expect(waiting.get("tidegate_event_loop_lag_max_seconds")).toBe(0.25);
  open();
  await stage.settle();
  const stored = await values();
  expect(stored.get('tidegate_log_waiting{durability="memory"}')).toBe(0);
  expect(stored.get("tidegate_delivery_delay_max_seconds")).toBe(1.5);
  expect((await values()).get("tidegate_delivery_delay_max_seconds")).toBe(0);
});

test("R61 names, units and types are as Prometheus wants them", async () => {
  const text = await (await fetch(`${(await startNode()).http}/metrics`)).text();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => ({ name, type }));
  expect(types.length).toBeGreaterThan(18);
  for (const { name, type } of types) {
    expect(name).toMatch(/^(tidegate|process)(_[a-z]+)+$/);
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
    expect(name).not.toMatch(/_(ms|milliseconds|kb|megabytes|minutes)(_|$)/);
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, "m"));
  }
});

test("R62 labels stay few, whatever clients do", async () => {
  const node = await startNode({ env: { ...NAMESPACES, CONNECTIONS_PUBLISH_RATE: "0" } });
  const client = await JsonClient.connect(node.ws);
  const asked: Promise<unknown>[] = [];
  for (let n = 0; n < 10_000; n++) {
    asked.push(client.ask({ publish: { topic: `n${n}/a`, data: 1 } }));
    if (n % 500 === 499) await Promise.all(asked);
  }
  await client.ask({ publish: { topic: "chat/a", data: 1 } });
  client.send({ [`command${"x".repeat(100)}`]: {} });
  await client.ask({ ping: {} });
  const values = await scrape(node);
  const labelled = [...values].filter(([name]) => name.startsWith("tidegate_published_total"));
  expect(Object.fromEntries(labelled)).toEqual({
    'tidegate_published_total{namespace="chat"}': 1,
    'tidegate_published_total{namespace="other"}': 10_000,
  });
  expect(values.size).toBeLessThan(60);
});

test("R60 new counters begin at nothing", () => {
  const { published, errors, closes, ...rest } = newCounters();
  expect([published.size, errors.size, closes.size, ...Object.values(rest)]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});
