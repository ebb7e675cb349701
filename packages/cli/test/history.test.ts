import { afterAll, beforeAll, expect, test } from "bun:test";
import { runHere } from "./support/here.ts";
import { serve, type TestServer } from "./support/server.ts";

let server: TestServer;
let epoch: string;

beforeAll(async () => {
  server = await serve({ flags: ["--namespace-defaults-history-size", "5000"] });
  const stdin = Array.from({ length: 2345 }, (_, i) => `${i + 1}\n`).join("");
  const { out } = await runHere(["publish", "h/a", "--lines"], { stdin, env: { TIDEGATE_URL: server.url }, fetch });
  epoch = out.split(":", 1).join("");
});

afterAll(async () => server[Symbol.asyncDispose]());

const history = (...args: string[]) =>
  runHere(["history", "h/a", ...args], { env: { TIDEGATE_URL: server.url }, fetch });

/** The payload of each line. */
const numbers = (out: string) =>
  out
    .trim()
    .split("\n")
    .map((line) => Number(line.split("  ").at(-1)));

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test("K32 the newest hundred are printed, oldest first, and that there are older ones", async () => {
  const { code, out, err } = await history();
  expect(code).toBe(0);
  expect(numbers(out)).toEqual(range(2246, 2345));
  expect(err).toBe("There are older ones: --before 2246, or --all.\n");
});

test("K32 --limit and --before choose others", async () => {
  const { out, err } = await history("--limit", "3", "--before", "100");
  expect(numbers(out)).toEqual([97, 98, 99]);
  expect(err).toBe("");
});

test("K33 --all prints every one, over as many pages as it takes", async () => {
  const { out } = await history("--all");
  expect(numbers(out)).toEqual(range(1, 2345));
});

test("K33 --after takes a position or an offset", async () => {
  const [offset, position, limited] = await Promise.all([
    history("--after", "2340"),
    history("--after", `${epoch}:2340`),
    history("--after", "5", "--limit", "2"),
  ]);
  expect(numbers(offset.out)).toEqual(range(2341, 2345));
  expect(position.out).toBe(offset.out);
  expect(numbers(limited.out)).toEqual([6, 7]);
});

test("K33 after a position of another log it says that messages may be missing", async () => {
  const { code, out, err } = await history("--after", "another:2340", "--limit", "1");
  expect(code).toBe(0);
  expect(numbers(out)).toEqual([1]);
  expect(err).toBe("Some messages after that position are not stored any more.\n");
});

test("K25 --json prints whole messages, with the epoch", async () => {
  const { out } = await history("--json", "--limit", "1");
  expect(JSON.parse(out)).toMatchObject({ epoch, topic: "h/a", offset: 2345, previous: 2344, data: 2345 });
});

test("K33 a topic without messages prints nothing", async () => {
  expect(await runHere(["history", "h/none"], { env: { TIDEGATE_URL: server.url }, fetch })).toEqual({
    code: 0,
    out: "",
    err: "",
  });
});

test("K30 a reader that has enough ends it without a word", async () => {
  const command = `"${process.execPath}" "${import.meta.dir}/../src/main.ts" history h/a --all | head -n 1`;
  const shell = Bun.spawn(["sh", "-c", command], { env: { ...process.env, TIDEGATE_URL: server.url }, stderr: "pipe" });
  expect((await new Response(shell.stdout).text()).trim()).toEndWith("  h/a  -  1");
  expect(await new Response(shell.stderr).text()).toBe("");
});
