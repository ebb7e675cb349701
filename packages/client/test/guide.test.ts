import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "../src/index.ts";
import { Server } from "./support/server.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const DEFAULT = "ws://127.0.0.1:8080/ws";
let server: Server;
let folder = "";

beforeAll(async () => {
  server = await Server.make();
  folder = await mkdtemp(join(tmpdir(), "tidegate-guide-"));
});

afterAll(async () => {
  await server.remove();
  await rm(folder, { recursive: true, force: true });
});

function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code ?? "");
}

function run(...words: string[]) {
  return Bun.spawn([process.execPath, ...words], { cwd: ROOT, stdin: "pipe", stdout: "pipe", stderr: "pipe" });
}

/** Reads a stream until it has the text. */
async function until(stream: ReadableStream<Uint8Array>, text: string): Promise<string> {
  let seen = "";
  for await (const chunk of stream) if ((seen += new TextDecoder().decode(chunk)).includes(text)) return seen;
  throw new Error(`"${text}" did not come, but ${seen}`);
}

/** Resolves when the file has a whole position in it. */
async function saved(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => "");
  if (!text.endsWith("}")) return saved(file);
}

test("C84 the guide's program runs and prints what the guide says", async () => {
  const guide = await Bun.file(join(ROOT, "docs/guides/client.md")).text();
  const program = blocks(guide, "ts")
    .join("\n")
    .replace("@tidegate/client", join(ROOT, "packages/client/src/index.ts"));
  expect(program).toContain(DEFAULT);
  const file = join(folder, "guide.ts");
  await Bun.write(file, program.replace(DEFAULT, server.url));
  const settings = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: { typeRoots: [join(ROOT, "node_modules/@types")] },
    include: ["."],
  };
  await Bun.write(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const types = run("check", "--no-script", "--no-pretty", "-p", folder);
  expect(await new Response(types.stdout).text()).not.toContain("error TS");
  expect(await types.exited).toBe(0);
  const child = run(file);
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  expect({ out, err }).toEqual({ out: blocks(guide, "text").join(""), err: "" });
});

test("C84 the example chat says what comes, also from before it began", async () => {
  const client = new Client(server.url).connect();
  await client.publish("chat/tea", { name: "Bob", text: "before" });
  const chat = run("examples/client/chat.ts", "Ann", "tea", server.url);
  await until(chat.stderr, "connected");
  void chat.stdin.write("hello\n");
  expect(await until(chat.stdout, "hello")).toBe("Bob: before\nAnn: hello\n");
  void chat.stdin.end();
  expect(await chat.exited).toBe(0);
  await client.close();
});

test("C84 the example that follows a topic goes on where it was stopped", async () => {
  const client = new Client(server.url).connect();
  const follow = () => run("examples/client/follow.ts", "sensors/+", join(folder, "position.json"), server.url);
  const first = follow();
  await until(first.stderr, "following");
  await client.publish("sensors/a", 1);
  expect(await until(first.stdout, "\n")).toMatch(/^sensors\/a \d+ 1\n$/);
  await saved(join(folder, "position.json"));
  first.kill();
  await first.exited;
  await client.publish("sensors/b", 2);
  const second = follow();
  expect(await until(second.stdout, "\n")).toMatch(/^sensors\/b \d+ 2\n$/);
  second.kill();
  await second.exited;
  await client.close();
}, 20_000);
