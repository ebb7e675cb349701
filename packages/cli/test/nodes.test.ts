import { afterAll, beforeAll, expect, test } from "bun:test";
import { FakeClock } from "../../server/test/support/fake-clock.ts";
import { duration } from "../src/nodes/table.ts";
import { runHere } from "./support/here.ts";
import { serve, type TestServer } from "./support/server.ts";

const KEYS = "[{name: admin, key: tg_admin-key-for-tests, admin: true}, {name: robot, key: tg_robot-key-for-tests}]";
let server: TestServer;

beforeAll(async () => {
  const flags = ["--cluster-node-name", "gateway 1", "--mqtt-enabled", "false"];
  server = await serve({ flags, env: { TIDEGATE_AUTH_KEYS: KEYS } });
});

afterAll(async () => server[Symbol.asyncDispose]());

function nodeOf(id: string, more: object = {}): object {
  const load = {
    connections: 1234,
    subscriptions: 9,
    published: 12.4,
    delivered: 34_000,
    cpu: 0.256,
    memory: 88e6,
    lag: 1.3,
  };
  return { id, name: id, url: `http://${id}:8080/`, version: "1.2.3", startedAt: 0, draining: false, load, ...more };
}

const answering = (body: unknown, status = 200) => ({
  fetch: () => Promise.resolve(Response.json(body, { status })),
});

test("K60 a line for each node by name, the one that answered marked, and one line for all", async () => {
  const clock = new FakeClock();
  const now = clock.now();
  const nodes = [
    nodeOf("gw-10", { startedAt: now - 7_500_000, draining: true }),
    nodeOf("gw-2", { startedAt: now - 65_000 }),
  ];
  const { code, out, err } = await runHere(["nodes"], { ...answering({ self: "gw-10", bus: "up", nodes }), clock });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toBe(
    [
      "   NAME   STATE        UP  CONNECTIONS  IN/S   OUT/S   CPU  MEMORY   LAG  VERSION  ID     URL",
      "   gw-2   working   1m 5s        1,234    12  34,000  26 %   84 MB  1 ms  1.2.3    gw-2   http://gw-2:8080/",
      "*  gw-10  draining  2h 5m        1,234    12  34,000  26 %   84 MB  1 ms  1.2.3    gw-10  http://gw-10:8080/",
      "",
      "2 nodes (1 draining), 2,468 connections, 25 messages/s in, 68,000 out",
      "",
    ].join("\n"),
  );
});

test("K60 it says when the node that answered cannot reach the others", async () => {
  const { out } = await runHere(["nodes"], answering({ self: "a", bus: "down", nodes: [nodeOf("a")] }));
  expect(out).toContain("1 node, 1,234 connections");
  expect(out).toContain("cannot reach the others now");
});

test("K60 what nodes say of themselves cannot move the cursor", async () => {
  const nodes = [nodeOf("a", { name: "\u001b[2Jevil\n" })];
  const { out } = await runHere(["nodes"], answering({ self: "a", bus: "up", nodes }));
  expect(out).toContain("\\u001b[2Jevil\\n");
  expect(out).not.toContain("\u001b");
});

test("K60 times are in their two largest units", () => {
  const shown = [0, -5, 999, 59_000, 60_000, 3_599_000, 86_399_000, 90_000_000, 400 * 86_400_000].map(duration);
  expect(shown).toEqual(["0s", "0s", "0s", "59s", "1m 0s", "59m 59s", "23h 59m", "1d 1h", "400d 0h"]);
});

test("K61 --json prints the answer as it came, on one line", async () => {
  const body = { self: "a", bus: "none", nodes: [nodeOf("a", { zone: "eu" })], more: 1 };
  const { code, out } = await runHere(["nodes", "--json"], answering(body));
  expect(code).toBe(0);
  expect(
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([body]);
});

test("K62 a server answers an admin, and refuses others with a sentence", async () => {
  const ask = (token?: string) =>
    runHere(["nodes"], { env: { TIDEGATE_URL: server.url, ...(token && { TIDEGATE_TOKEN: token }) }, fetch });
  const admin = await ask("tg_admin-key-for-tests");
  expect(admin.code).toBe(0);
  expect(admin.out).toMatch(/^\* {2}gateway 1 +working .* http:\/\/127\.0\.0\.1:\d+\/$/m);
  const robot = await ask("tg_robot-key-for-tests");
  expect([robot.code, robot.out]).toEqual([4, ""]);
  expect(robot.err).toContain("the server does not allow it: only an API key or a user with admin may list the nodes");
  expect((await ask()).code).toBe(4);
});

test.each([
  [{ self: "a", bus: "up" }],
  [{ self: 1, bus: "up", nodes: [] }],
  [{ self: "a", bus: 1, nodes: [] }],
  [{ self: "a", bus: "up", nodes: [null] }],
  [null],
  ["text"],
  [{ self: "a", bus: "up", nodes: [{}] }],
  [{ self: "a", bus: "up", nodes: [nodeOf("a", { load: { connections: "many" } })] }],
  [[1]],
])("K62 an answer that it does not understand is no table: %j", async (body) => {
  const { code, out, err } = await runHere(["nodes"], answering(body));
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain("not one that this version understands");
});

test("K62 without a server it says so", async () => {
  const { code, err } = await runHere(["nodes"]);
  expect(code).toBe(3);
  expect(err).toContain("no server at http://127.0.0.1:8080");
});
