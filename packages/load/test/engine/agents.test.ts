import { afterEach, expect, test } from "bun:test";
import { type AgentServer, serveAgent } from "../../src/agent/serve.ts";
import { connectAgent } from "../../src/master/agent-link.ts";
import { agentCount } from "../../src/master/start-agents.ts";
import { Team } from "../../src/master/team.ts";
import { notesOf } from "../../src/master/notes.ts";
import type { AgentSample, Second } from "../../src/result/types.ts";
import { EXAMPLE_SCENARIO } from "../../src/scenario-file/example.ts";
import { loadScenario } from "../../src/scenario-file/load.ts";
import { readResult } from "../../src/result/file.ts";

const SECRET = "a secret of sixteen and more";
const servers: AgentServer[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.stop();
});

function serve(): AgentServer {
  const server = serveAgent({ hostname: "127.0.0.1", port: 0 }, SECRET);
  servers.push(server);
  return server;
}

test("LG36 an agent serves a master that knows the secret, and no second one meanwhile", async () => {
  const { port, served } = serve();
  const link = await connectAgent(`127.0.0.1:${port}`, SECRET);
  const team = new Team([link]);
  const offset = await team.offset(0, () => performance.now() * 1000);
  // The same clock in one process: what is left is the way there and back.
  expect(Math.abs(offset)).toBeLessThan(500_000);
  const second = await connectAgent(`127.0.0.1:${port}`, SECRET).catch(String);
  expect(String(second)).toContain("works for another master");
  team.close();
  await served;
});

test("LG36 a wrong secret is refused, and never sent", async () => {
  const { port } = serve();
  const failure = await connectAgent(`127.0.0.1:${port}`, "another secret, not the right one").catch(String);
  expect(String(failure)).toContain("the secret is another one");
});

test("LG36 something else than an agent is said to be none", async () => {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: (socket) => void socket.write("220 mail\n"), data: () => {} },
  });
  const failure = await connectAgent(`127.0.0.1:${listener.port}`, SECRET).catch(String);
  expect(String(failure)).toContain("a message is no JSON");
  listener.stop(true);
});

test("LG37 there are agents enough for the descriptors that a process may have", () => {
  const scenario = loadScenario(EXAMPLE_SCENARIO, "x", ["populations[0].count=50000"]);
  expect(agentCount(scenario, 1)).toBe(3);
  expect(agentCount(scenario, 8)).toBe(7);
  expect(agentCount(loadScenario(EXAMPLE_SCENARIO, "x"), 1)).toBe(1);
  expect(agentCount(loadScenario(EXAMPLE_SCENARIO, "x", ["agents.count=5"]), 1)).toBe(5);
});

const QUIET: AgentSample = { cpu: 0.2, rss: 1, lag: 3, late: 1, descriptors: 100, connections: 50 };

function seconds(change: Partial<AgentSample>): Second[] {
  const file = readResult(JSON.stringify({ version: 1, series: [] }), "x");
  expect(file.series).toEqual([]);
  const second = { t: 0, server: { cpu: 1, rss: 1 }, agents: [QUIET, { ...QUIET, ...change }] };
  return Array.from({ length: 10 }, () => second as unknown as Second);
}

test("LG38 the tool says where it was the bottleneck itself, and of which agent", () => {
  expect(notesOf(seconds({}), 20_000)).toEqual([]);
  const texts = (change: Partial<AgentSample>): string => JSON.stringify(notesOf(seconds(change), 20_000));
  expect(texts({ cpu: 0.99 })).toContain("agent 2 used up to 99 % of a core");
  expect(texts({ late: 40 })).toContain("agent 2 sent up to 40 ms late");
  expect(texts({ lag: 300 })).toContain("event loop of agent 2 stood still for up to 300 ms");
  expect(texts({ descriptors: 19_900 })).toContain("agent 2 had 19900 of 20000 descriptors");
});
