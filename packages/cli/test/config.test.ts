import { afterAll, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadWithOrigins, OPTIONS } from "@tidegate/server";
import { runHere } from "./support/here.ts";
import { TempDir } from "../../server/test/support/temp-dir.ts";

const cwd = new TempDir("tidegate-cli");
afterAll(cwd.remove);

function write(name: string, text: string): string {
  const path = join(cwd.path, name);
  writeFileSync(path, text);
  return path;
}

test("K38 every value in force is printed with its origin, secrets as set", async () => {
  const file = write(
    "a.yaml",
    "http:\n  port: 9000\nauth:\n  jwt:\n    secret: 'a secret of more than 32 characters'\n",
  );
  const env = { TIDEGATE_DATA_DIR: "/d" };
  const { code, out, err } = await runHere(["config", "--config", file, "--drain-rate", "7"], { env });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.trim().split("\n")).toHaveLength(OPTIONS.size);
  for (const row of [
    /^http\.port +9000 +\S*a\.yaml:2$/m,
    /^data\.dir +\/d +TIDEGATE_DATA_DIR$/m,
    /^drain\.rate +7 +--drain-rate$/m,
  ])
    expect(out).toMatch(row);
  expect(out).toMatch(/^auth\.jwt\.secret +\(set\) /m);
  expect(out).not.toContain("more than 32");
});

test("K38 --changed leaves the defaults out, --json is for programs", async () => {
  const { out } = await runHere(["config", "--changed", "--json", "--http-port", "1"]);
  expect(JSON.parse(out)).toEqual([{ name: "http.port", value: "1", from: "--http-port" }]);
  expect((await runHere(["config", "--changed"])).out).toBe("Everything is at its default.\n");
});

test("K39 check says that a file is valid and what it holds", async () => {
  const file = write("good.yaml", "http:\n  port: 9000\nnamespaces:\n  chat:\n    history:\n      size: 5\n");
  const { code, out } = await runHere(["config", "check", file]);
  expect({ code, out }).toEqual({ code: 0, out: `${file} is valid: 2 values set; namespaces: chat\n` });
});

test.each([
  ["unknown", "htpp:\n  port: 1\n", "did you mean"],
  ["range", "http:\n  port: 99999\n", "range.yaml:2: http.port: "],
  ["open", "http:\n  host: 0.0.0.0\n", "there is no authentication"],
  ["broken", "http: [", "is not YAML"],
])("K39 check refuses a file that is %s", async (name, text, message) => {
  const { code, out, err } = await runHere(["config", "check", write(`${name}.yaml`, text)]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
});

test("K40 init writes a file that changes nothing, only for its owner, and never over another", async () => {
  const first = await runHere(["config", "init"], { cwd: cwd.path });
  expect(first).toEqual({ code: 0, out: "tidegate.yaml is written. Start the server with: tidegate serve\n", err: "" });
  const path = join(cwd.path, "tidegate.yaml");
  expect(statSync(path).mode & 0o077).toBe(0);
  expect((await runHere(["config", "--changed"], { cwd: cwd.path })).out).toBe("Everything is at its default.\n");
  writeFileSync(path, "# mine\n");
  const second = await runHere(["config", "init"], { cwd: cwd.path });
  expect(second.code).toBe(1);
  expect(second.err).toBe("tidegate: tidegate.yaml is there already; nothing was written\n");
  expect(readFileSync(path, "utf8")).toBe("# mine\n");
});

test.each([[[]], [["--all"]]])(
  "K40 what init %j writes is true: with the comments taken off, it is the defaults",
  async (flags) => {
    const name = `init${flags.length}.yaml`;
    await runHere(["config", "init", name, ...flags], { cwd: cwd.path });
    const text = readFileSync(join(cwd.path, name), "utf8");
    const [head = "", ...groups] = text.split("\n\n");
    expect(head).toStartWith("# Tidegate's configuration.");
    const last = groups.pop() ?? "";
    const yaml = [...groups, last.slice(last.indexOf("# namespaces:"))].join("\n").replaceAll(/^# /gm, "");
    const file = write(`plain-${name}`, yaml);
    const defaults = loadWithOrigins({ env: {}, flags: {} });
    const { options, rows } = loadWithOrigins({ file, env: {}, flags: {} });
    expect({ ...options, namespaces: undefined }).toEqual({ ...defaults.options, namespaces: undefined });
    expect(options.namespaces.get("chat")).toMatchObject({ durability: "power", history: { size: 500 } });
    const named = rows.filter(({ namespace, origin }) => namespace === undefined && origin.source === "file");
    expect(named.length).toBeGreaterThan(5);
    if (flags.length > 0) for (const option of OPTIONS.keys()) expect(text).toContain(`${option.split(".").at(-1)}:`);
  },
);
