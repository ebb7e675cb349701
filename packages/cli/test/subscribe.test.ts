import { afterAll, beforeAll, expect, test } from "bun:test";
import { Child, run } from "./support/child.ts";
import { runHere } from "./support/here.ts";
import { serve, type TestServer } from "./support/server.ts";
import { TempDir } from "../../server/test/support/temp-dir.ts";

let server: TestServer;
let env: Record<string, string>;

beforeAll(async () => {
  server = await serve();
  env = { TIDEGATE_URL: server.url };
});

afterAll(async () => server[Symbol.asyncDispose]());

async function publish(topic: string, data: string, ...flags: string[]): Promise<void> {
  const { code, err } = await runHere(["publish", topic, data, ...flags], { env, fetch });
  expect({ code, err }).toEqual({ code: 0, err: "" });
}

const subscribe = (...args: string[]) => run(["subscribe", ...args], { env });

test("K23 K24 a message is one line of time, topic, sender and data; control characters are escaped", async () => {
  await publish("line/a", '{"text":"hi"}');
  await publish("line/a", "red \u001b[31m\nend\u202e");
  const { code, out } = await subscribe("line/a", "--history", "2", "--count", "2");
  expect(code).toBe(0);
  const [first, second, ...rest] = out.split("\n");
  expect(first).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}line\/a {2}- {2}\{"text":"hi"\}$/);
  expect(second).toEndWith("  line/a  -  red \\u001b[31m\\nend\\u202e");
  expect(rest).toEqual([""]);
});

test("K25 --json prints whole messages, one a line", async () => {
  await publish("json/a", "AAEC", "--base64", "--header", "k=v", "--message-id", "m1");
  const { out } = await subscribe("json/a", "--history", "1", "--count", "1", "--json");
  const message: unknown = JSON.parse(out);
  expect(message).toMatchObject({ topic: "json/a", previous: 0, id: "m1", headers: { k: "v" }, base64: "AAEC" });
  expect(message).toContainKeys(["epoch", "offset", "time"]);
});

test("K26 K27 --since prints what came after a position, --retained the last values", async () => {
  const { out: position } = await runHere(["publish", "start/a", "1", "--retain"], { env, fetch });
  await publish("start/a", "2");
  const [since, retained] = await Promise.all([
    subscribe("start/#", "--since", position.trim(), "--count", "1"),
    subscribe("start/+", "--retained", "--count", "1"),
  ]);
  expect(since.out).toEndWith("  2\n");
  expect(retained.out).toEndWith("  1\n");
});

test("K27 two beginnings at once are refused", async () => {
  const { code, err } = await subscribe("a", "--history", "1", "--retained");
  expect(code).toBe(2);
  expect(err).toContain("exclude each other");
});

test("K21 a filter that the server refuses ends it with the server's words", async () => {
  const { code, err } = await subscribe("a/#/b");
  expect(code).toBe(1);
  expect(err).toMatch(/^tidegate: the server refused: .*\(invalid_argument\)\n$/);
});

test.each(["SIGINT", "SIGTERM"] as const)("K29 %s leaves with exit code 0", async (signal) => {
  const child = new Child(["subscribe", "leave/a", "--history", "1"], { env });
  await publish("leave/a", "1");
  await child.sees(/ {2}1\n/);
  child.kill(signal);
  expect(await child.finished()).toMatchObject({ code: 0, err: "" });
});

test("K31 --presence prints who joins and who leaves", async () => {
  const secret = { TIDEGATE_AUTH_JWT_SECRET: "a secret of more than 32 characters" };
  await using guarded = await serve({ env: secret, flags: ["--namespace-defaults-presence-grace", "0"] });
  const as = async (user: string): Promise<Record<string, string>> => {
    const { out } = await runHere(["token", "--user", user], { env: secret });
    return { TIDEGATE_URL: guarded.url, TIDEGATE_TOKEN: out };
  };
  const ann = new Child(["subscribe", "room/a", "--presence"], { env: await as("ann") });
  await ann.sees(/room\/a {2}joined: .*ann/);
  const bob = new Child(["subscribe", "room/a", "--presence", '{"name":"Bob"}'], { env: await as("bob") });
  await ann.sees(/room\/a {2}joined: bob \(2 here\)\n/);
  bob.kill("SIGINT");
  await ann.sees(/room\/a {2}left: bob \(1 here\)\n/);
  ann.kill("SIGINT");
  await Promise.all([ann.finished(), bob.finished()]);
});

test("K28 when the server is killed and started again it says so, and prints what was missed", async () => {
  using data = new TempDir("tidegate-cli");
  const dir = data.path;
  const first = await serve({ dir });
  const url = { TIDEGATE_URL: first.url };
  const child = new Child(["subscribe", "back/a", "--history", "1"], { env: url });
  await runHere(["publish", "back/a", "1"], { env: url, fetch });
  await child.sees(/ {2}1\n/);
  await first[Symbol.asyncDispose]();
  await child.sees(/connection lost \(.*\); connecting again\n/, "err");
  await using second = await serve({ dir, flags: ["--http-port", String(first.port)] });
  await runHere(["publish", "back/a", "2"], { env: { TIDEGATE_URL: second.url }, fetch });
  await child.sees(/ {2}2\n/);
  await child.sees(/connected again\n/, "err");
  child.kill("SIGINT");
  const { out } = await child.finished();
  expect(out.trim().split("\n")).toHaveLength(2);
}, 30_000);

test("K30 a reader that has enough ends it without a word", async () => {
  await publish("pipe/a", "1");
  const command = `"${process.execPath}" "${import.meta.dir}/../src/main.ts" subscribe pipe/a --history 1 | head -n 1`;
  const shell = Bun.spawn(["sh", "-c", command], { env: { ...process.env, ...env }, stderr: "pipe" });
  const [out, err] = [new Response(shell.stdout).text(), new Response(shell.stderr).text()];
  // The writer learns of it at the first line that comes after the reader has gone.
  while (shell.exitCode === null) await publish("pipe/a", "1");
  expect(await out).toMatch(/^[^\n]+ {2}pipe\/a {2}- {2}1\n$/);
  expect(await err).toBe("");
});
