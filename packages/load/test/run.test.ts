import { afterEach, expect, test } from "bun:test";
import { plainDialect } from "../src/dialect/plain.ts";
import { saturate } from "../src/scenario/loads.ts";
import { roomClients } from "../src/scenario/populations.ts";
import { Run } from "../src/scenario/run.ts";
import { startPlain } from "../src/servers/peers.ts";
import type { ServerProcess } from "../src/servers/server-process.ts";
import { startLiar } from "./liar.ts";

const started: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
});

function target(name: string, port: number, pid: number) {
  return { name, pid, port, hosts: ["127.0.0.1"], dialect: plainDialect };
}

async function run(port: number, pid: number): Promise<Run> {
  const opened = await Run.open(target("the server", port, pid), roomClients(2, 3), 60);
  const interval = await saturate(opened, 2, { warmUp: 0, seconds: 0.1 });
  expect(interval.acknowledged).toBeGreaterThan(0);
  expect(interval.serverCpu).toBeGreaterThanOrEqual(0);
  await opened.finish();
  return opened;
}

/** What a promise was rejected with; the empty text if it was not. */
function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => "", String);
}

test("LG1 LG2 the plain room server delivers everything once, in order", async () => {
  const server: ServerProcess = await startPlain("127.0.0.1");
  started.push(server);
  const { tally } = await run(server.port, server.pid);
  expect(tally.acknowledged).toBe(tally.sent);
  expect(tally.delivered).toBe(tally.sent * 3);
});

test("LG3 a lost message fails the run, which names server, receiver and message", async () => {
  const liar = startLiar((number) => (number === 5 ? 0 : 1));
  started.push(liar);
  const failure = await failureOf(run(liar.port, process.pid));
  expect(failure).toMatch(/the server did not deliver.*client \d: message \d+ of publisher \d came where/s);
});

test("LG3 a repeated message fails the run", async () => {
  const liar = startLiar((number) => (number === 5 ? 2 : 1));
  started.push(liar);
  expect(await failureOf(run(liar.port, process.pid))).toMatch(/client \d: message \d+ of publisher \d came where/);
});

test("LG4 messages that stay away at the end fail the run", async () => {
  const liar = startLiar((number) => (number >= 1 ? 0 : 1));
  started.push(liar);
  const opened = await Run.open(target("the server", liar.port, process.pid), roomClients(1, 2), 60);
  opened.clients[0]!.publish(0);
  expect(await failureOf(opened.drain(50))).toContain("0 answers and 2 deliveries never came");
  opened.population.close();
});
