import { afterEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { type Agents, startAgents } from "../../src/master/start-agents.ts";
import { AgentFailed } from "../../src/master/team.ts";
import { until } from "../../src/measure/wait.ts";
import { readResult } from "../../src/result/file.ts";
import type { RunResult } from "../../src/result/types.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";
import type { Scenario } from "../../src/scenario-file/table.ts";
import { type FaultyServer, startFaulty } from "./faulty-server.ts";
import { childrenOf, lives, Remembered, TIDEGATE } from "./processes.ts";
import { roomScenario } from "./room.ts";
import { runWith } from "./run-here.ts";

const LIMIT = 60_000;
/** Milliseconds for anything that only has to happen. */
const SOON = 20_000;

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function serve(): FaultyServer {
  const server = startFaulty(() => "deliver");
  closers.push(() => server.stop());
  return server;
}

const TWO = "agents: { count: 2 }\n";

async function startTwo(scenario: Scenario): Promise<{ readonly agents: Agents; readonly pids: readonly number[] }> {
  const remembered = new Remembered([...TIDEGATE, "load", "agent"]);
  closers.push(() => remembered.forget());
  const agents = await startAgents(scenario, remembered.command, 2);
  closers.push(() => agents.stop());
  return { agents, pids: remembered.pids };
}

test(
  "LG44 agents are processes of their own, which end with the run",
  async () => {
    const server = serve();
    const scenario = loadScenario(roomScenario(server.url, 300, 0.6, TWO), "test.yaml");
    const { agents, pids } = await startTwo(scenario);
    expect(pids).toHaveLength(2);
    expect(pids.every(lives)).toBe(true);
    const { totals, correctness, series, verdict } = await runWith(scenario, agents.links);
    expect(verdict.reasons).toEqual([]);
    expect(totals.delivered).toBe(totals.sent * 10);
    expect(totals.delivered).toBeGreaterThan(0);
    expect(correctness[0]).toMatchObject({ lost: 0, expected: totals.delivered, subscriptions: 10 });
    expect(series.some((second) => second.agents.length === 2)).toBe(true);
    // Nobody stops them: the end of the master's connection does.
    await until("the agents to end", SOON, () => !pids.some(lives));
  },
  LIMIT,
);

test(
  "LG45 an agent that dies ends the run with its number and the reason; the others close and end",
  async () => {
    const server = serve();
    const scenario = loadScenario(roomScenario(server.url, 300, 60, TWO), "test.yaml");
    const { agents, pids } = await startTwo(scenario);
    const running = runWith(scenario, agents.links).catch((error: unknown) => error);
    await until("deliveries", SOON, () => server.deliveries > 100);
    expect(server.connections).toBe(12);
    process.kill(pids[0] ?? 0, "SIGKILL");
    const failure = await running;
    expect(failure).toBeInstanceOf(AgentFailed);
    expect(String(failure)).toMatch(/agent [12]: the connection ended/);
    await until("the agents to end", SOON, () => !pids.some(lives));
    await until("the connections to end", SOON, () => server.connections === 0);
  },
  LIMIT,
);

interface Interrupted {
  readonly result: RunResult;
  readonly code: number;
}

interface Program {
  readonly program: Subprocess<"ignore", "ignore", "pipe">;
  readonly json: string;
  /** Ids of its agents. */
  readonly agents: readonly number[];
}

/** Runs the program on a scenario until the moment has come. */
async function runUntil(yaml: string, moment: () => boolean): Promise<Program> {
  const directory = mkdtempSync(join(tmpdir(), "tidegate-load-"));
  closers.push(() => rmSync(directory, { recursive: true }));
  const [scenario, json] = [join(directory, "load.yaml"), join(directory, "run.json")];
  writeFileSync(scenario, yaml);
  const program = Bun.spawn([...TIDEGATE, "load", "run", scenario, "--json", json], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  closers.push(() => program.kill("SIGKILL"));
  await until("the moment to interrupt", SOON, moment);
  const agents = childrenOf(program.pid);
  expect(agents).toHaveLength(2);
  return { program, json, agents };
}

async function says(stream: ReadableStream<Uint8Array>, word: string): Promise<void> {
  let text = "";
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString();
    if (text.includes(word)) return;
  }
  throw new Error(`it said only: ${text}`);
}

/** Interrupts the program with what Ctrl-C sends when the moment has come. */
async function interrupt(yaml: string, moment: () => boolean): Promise<Interrupted> {
  const { program, json, agents } = await runUntil(yaml, moment);
  program.kill("SIGINT");
  const code = await program.exited;
  await until("the agents to end", SOON, () => !agents.some(lives));
  return { result: readResult(readFileSync(json, "utf8"), json), code };
}

test(
  "LG46 Ctrl-C in a ramp: it ends where it is, connections close, the result says so",
  async () => {
    const server = serve();
    const yaml = roomScenario(server.url, 100, 1, TWO)
      .replace("for: 50ms", "for: 60s")
      .replace("count: 10", "count: 600");
    const { result, code } = await interrupt(yaml, () => server.connections >= 10);
    expect(code).toBe(1);
    expect(result.meta.interrupted).toBe(true);
    expect(result.verdict.reasons).toEqual(["it was interrupted"]);
    expect(result.phases.map(({ kind }) => kind)).toEqual(["ramp", "drain"]);
    expect(result.totals.opened).toBeGreaterThanOrEqual(10);
    expect(result.totals.opened).toBeLessThan(300);
    await until("the connections to end", SOON, () => server.connections === 0);
  },
  LIMIT,
);

test(
  "LG46 Ctrl-C in a hold: what is under way still counts, and nothing of it is lost",
  async () => {
    const server = serve();
    const { result, code } = await interrupt(roomScenario(server.url, 200, 60, TWO), () => server.deliveries > 500);
    expect(code).toBe(1);
    expect(result.meta.interrupted).toBe(true);
    expect(result.verdict.reasons).toEqual(["it was interrupted"]);
    expect(result.phases.map(({ kind }) => kind)).toEqual(["ramp", "hold", "drain"]);
    expect(result.totals.sent).toBe(server.publishes);
    expect(result.totals.delivered).toBe(server.deliveries);
    expect(result.meta.seconds).toBeLessThan(40);
    await until("the connections to end", SOON, () => server.connections === 0);
  },
  LIMIT,
);

test(
  "LG46 Ctrl-C again does not wait for what is under way, and leaves no agent behind",
  async () => {
    const server = serve();
    const busy = (): boolean => server.deliveries > 100;
    const { program, json, agents } = await runUntil(roomScenario(server.url, 200, 60, TWO), busy);
    // What is under way now gets no answer.
    server.pause();
    const before = server.publishes;
    await until("publishes without an answer", SOON, () => server.publishes > before);
    program.kill("SIGINT");
    await says(program.stderr, "Stopping");
    program.kill("SIGINT");
    expect(await program.exited).toBe(130);
    expect(existsSync(json)).toBe(false);
    await until("the agents to end", SOON, () => !agents.some(lives));
    await until("the connections to end", SOON, () => server.connections === 0);
  },
  LIMIT,
);
