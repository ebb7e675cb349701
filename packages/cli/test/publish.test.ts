import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./support/child.ts";
import { runHere, type HereOptions } from "./support/here.ts";
import { serve, type TestServer } from "./support/server.ts";
import { TempDir } from "../../server/test/support/temp-dir.ts";

let server: TestServer;
const dir = new TempDir("tidegate-cli");

beforeAll(async () => {
  server = await serve();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  dir.remove();
});

const publish = (args: readonly string[], options: HereOptions = {}) =>
  runHere(["publish", ...args], { ...options, fetch, env: { TIDEGATE_URL: server.url } });

/** What is stored, as the server's own text. */
async function stored(topic: string): Promise<string> {
  const response = await fetch(`${server.url}/v1/history?${new URLSearchParams({ topic, limit: "1000" })}`);
  return response.text();
}

describe("payloads", () => {
  test.each([
    ["json", ['{"text":"hi","id":12345678901234567890}'], '"data":{"text":"hi","id":12345678901234567890}'],
    ["number", ["5"], '"data":5'],
    ["words", ["hi there"], '"text":"hi there"'],
    ["asked", ["5", "--text"], '"text":"5"'],
    ["base64", ["AAEC", "--base64"], '"base64":"AAEC"'],
    ["empty", [""], '"text":""'],
  ])("K11 K12 %s: %j is stored as it was written", async (name, args, expected) => {
    const { code, out, err } = await publish([`payload/${name}`, ...args]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^[^:]+:\d+\n$/);
    expect(await stored(`payload/${name}`)).toContain(expected);
  });

  test("K13 the payload is the standard input, or a file; bytes that are no text are base64", async () => {
    const file = join(dir.path, "bytes");
    writeFileSync(file, new Uint8Array([0xff, 0x00]));
    const [piped, filed] = await Promise.all([
      run(["publish", "source/stdin"], { stdin: '{"a":\n1}', env: { TIDEGATE_URL: server.url } }),
      publish(["source/file", "--file", file]),
    ]);
    expect([piped.code, filed.code]).toEqual([0, 0]);
    expect(await stored("source/stdin")).toMatch(/"data":\{"a":\s*1\}/);
    expect(await stored("source/file")).toContain('"base64":"/wA="');
  });

  test.each([
    [["a", "b", "--file", "c"], "DATA and --file exclude each other"],
    [["a", "--file", "c", "--lines"], "--file and --lines exclude each other"],
    [["a", "b", "--text", "--base64"], "--text and --base64 exclude each other"],
    [["a", "--lines", "--message-id", "x"], "--message-id is of one message"],
    [["a", "b", "--one-by-one"], "--one-by-one is of --lines"],
    [["a", "***", "--base64"], "it is not base64"],
    [["a", "--file", "/nowhere/at/all"], "--file cannot be read"],
  ])("K13 %j is refused", async (args, message) => {
    const { code, err } = await runHere(["publish", ...args]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

test("K14 a message id that comes again is said to be a duplicate", async () => {
  const first = await publish(["dup/a", "1", "--message-id", "m"]);
  const second = await publish(["dup/a", "2", "--message-id", "m"]);
  const json = await publish(["dup/a", "3", "--message-id", "m", "--json"]);
  expect(second.out).toBe(first.out.replace("\n", " duplicate\n"));
  expect(JSON.parse(json.out)).toMatchObject({ duplicate: true });
});

test("K15 headers, priority and retain go with the message", async () => {
  const flags = ["--header", "kind=a=b", "--header", "x=y", "--priority", "high", "--retain"];
  expect((await publish(["parts/a", "1", ...flags])).code).toBe(0);
  const [message] = (JSON.parse(await stored("parts/a")) as { messages: object[] }).messages;
  expect(message).toMatchObject({ headers: { kind: "a=b", x: "y" }, priority: "high", retain: true });
});

describe("--lines", () => {
  test("K16 each line is a message, in order, whatever ends it; empty lines are none", async () => {
    const lines = Array.from({ length: 900 }, (_, i) => `line ${i}${i % 2 === 0 ? "\r\n" : "\n\n"}`);
    const { code, out, err } = await publish(["lines/a", "--lines"], { stdin: `${lines.join("")}last` });
    expect(code).toBe(0);
    expect(out).toMatch(/^[^:]+:\d+\n$/);
    expect(err).toMatch(/^901 published in [\d.]+ s\n$/);
    const { messages } = JSON.parse(await stored("lines/a")) as { messages: { text: string }[] };
    expect(messages.map(({ text }) => text)).toEqual([...lines.map((_, i) => `line ${i}`), "last"]);
  });

  test("K16 with --one-by-one no line goes before the last one is stored, even when the server refuses some for the moment", async () => {
    // A publish may take a hundred milliseconds before this server has no reason to refuse one.
    const flags = ["--connections-publish-rate", "10", "--connections-publish-burst", "5"];
    await using slow = await serve({ flags });
    const stdin = Array.from({ length: 9 }, (_, i) => `${i}\n`).join("");
    const env = { TIDEGATE_URL: slow.url };
    const { code, err } = await runHere(["publish", "strict/a", "--lines", "--one-by-one"], { stdin, env, fetch });
    expect(code).toBe(0);
    expect(err).toMatch(/^waiting: .*\n9 published in/);
    const { out } = await runHere(["history", "strict/a", "--all"], { env, fetch });
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => Number(line.split("  ").at(-1))),
    ).toEqual([...stdin.trim().split("\n").keys()]);
  });

  test("K18 a line that the server will never take ends it, and is named", async () => {
    const stdin = `1\n2\n${"x".repeat(70_000)}\n4\n`;
    const { code, out, err } = await publish(["lines/b", "--lines"], { stdin });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("line 3: the server refused:");
    expect(await stored("lines/b")).toContain('"data":2');
  });

  test("K16 no input is no message", async () => {
    const { code, out, err } = await publish(["lines/c", "--lines"]);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(err).toStartWith("0 published in ");
  });
});
