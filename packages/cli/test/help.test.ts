import { expect, test } from "bun:test";
import { flagSpecs } from "@tidegate/server";
import manifest from "../package.json" with { type: "json" };
import { run } from "./support/child.ts";
import { runHere } from "./support/here.ts";

const COMMANDS = [
  "serve",
  "publish",
  "subscribe",
  "history",
  "nodes",
  "token",
  "token key",
  "password",
  "config",
  "config check",
  "config init",
  "doctor",
  "load",
  "load run",
  "load agent",
  "load init",
  "load compare",
];

test("K1 without a command, and with --help, the commands are listed", async () => {
  const [bare, asked] = await Promise.all([run([]), run(["--help"])]);
  expect(bare).toEqual(asked);
  expect(bare.code).toBe(0);
  expect(bare.err).toBe("");
  expect(bare.out).toMatchSnapshot();
});

test.each(COMMANDS)("K1 the help of %s is as it was", async (command) => {
  const { code, out, err } = await runHere([...command.split(" "), "--help"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatchSnapshot();
});

test("K2 --version prints the version", async () => {
  expect(await run(["--version"])).toEqual({ code: 0, out: `${manifest.version}\n`, err: "" });
});

test.each([
  [["sevre"], "unknown command 'sevre' (did you mean serve?)"],
  [["config", "chekc"], "unknown command 'config chekc' (there are check, init)"],
  [["config", "chek"], "unknown command 'config chek' (did you mean check?)"],
  [["token", "keys"], "unknown command 'token keys' (did you mean key?)"],
  [["serve", "--http-prt", "1"], "unknown option '--http-prt' (did you mean --http-port?)"],
  [["doctor", "--dta-dir", "1"], "unknown option '--dta-dir' (did you mean --data-dir?)"],
  [["publish", "--ulr", "x"], "unknown option '--ulr' (did you mean --url?)"],
])("K3 %j is refused with a suggestion", async (args, message) => {
  const { code, out, err } = await runHere(args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toStartWith(`tidegate: ${message}\n`);
});

test.each([
  [["publish"], "missing required argument 'topic'"],
  [["history", "a", "--limit", "x"], "It must be a whole number from 1 to"],
  [["subscribe", "a", "--since", "x"], "It must be epoch:offset"],
  [["publish", "a", "b", "--header", "x"], "It must be key=value."],
  [["publish", "a", "b", "--priority", "top"], "Allowed choices are high, normal, low."],
  [["subscribe", "a", "--presence", "[]"], "It must be a JSON object"],
])("K4 K5 %j is a wrong command line: a sentence and exit code 2", async (args, message) => {
  const { code, out, err } = await runHere(args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toStartWith("tidegate: ");
  expect(err).toContain(message);
  expect(err).not.toMatch(/\n\s+at /);
});

test("K10 serve --help names every option, and --help-all has one line for each", async () => {
  const [short, all] = await Promise.all([runHere(["serve", "--help"]), runHere(["serve", "--help-all"])]);
  const lines = all.out.split("\n");
  for (const { flags } of flagSpecs()) {
    const [name = ""] = flags.split(" ");
    expect(lines.filter((line) => line.startsWith(`  ${name} `))).toHaveLength(1);
    const words = name.slice(2).split("-");
    expect(short.out.includes(name) || words.some((_, i) => short.out.includes(words.slice(i).join("-")))).toBeTrue();
  }
  expect(short.out.split("\n").length).toBeLessThan(60);
  expect(all.code).toBe(0);
});
