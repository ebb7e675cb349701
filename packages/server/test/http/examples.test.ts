import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startNode } from "./harness.ts";

interface Example {
  readonly command: string;
  /** Text in which `…` stands for anything. */
  readonly output: string;
}

const PAGE = join(import.meta.dir, "../../../../docs/spec/http.md");

/** The blocks of the page that begin with `$ curl`. */
function examples(page: string): readonly Example[] {
  return [...page.matchAll(/```console\n\$ (curl .*)\n([\s\S]*?)```/g)].map(([, command = "", output = ""]) => ({
    command,
    output,
  }));
}

function fits(shown: string): RegExp {
  const parts = shown.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*?")}$`);
}

const all = examples(readFileSync(PAGE, "utf8"));
// The examples are run in the order of the page: what one publishes another reads.
const node = await startNode();

function run({ command }: Example): Bun.Subprocess<"ignore", "pipe", "inherit"> {
  const line = command.replaceAll("http://localhost:8080/", node.gateway.url).replace(/^curl/, "curl -sS");
  return Bun.spawn(["sh", "-c", `exec ${line}`], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
}

test("H90 the page has examples", () => {
  expect(all.length).toBeGreaterThanOrEqual(8);
});

test.each(all.filter(({ command }) => !command.includes("-N")))("H90 $command", async (example) => {
  const output = await new Response(run(example).stdout).text();
  expect(output.trimEnd()).toMatch(fits(example.output.trimEnd()));
});

test.each(all.filter(({ command }) => command.includes("-N")))("H30 H31 H90 $command", async (example) => {
  const child = run(example);
  let output = "";
  for await (const chunk of child.stdout) {
    const begun = output.includes("event: subscribed");
    output += new TextDecoder().decode(chunk);
    // What another curl publishes.
    if (!begun && output.includes("event: subscribed")) await run(other).exited;
    if (fits(example.output).test(output)) break;
  }
  child.kill();
  expect(output).toMatch(fits(example.output));
});

const other: Example = {
  command: `curl -o /dev/null -d '{"topic":"chat/room_1","data":{"text":"hi"},"messageId":"m2"}' -H 'Content-Type: application/json' http://localhost:8080/v1/publish`,
  output: "",
};
