import { expect, test } from "bun:test";
import { loadOptions } from "@tidegate/server";
import { banner } from "../src/serve/banner.ts";
import { readOptions } from "../src/serve/options.ts";
import { freePort } from "../../server/test/support/free-port.ts";
import { TempDir } from "../../server/test/support/temp-dir.ts";
import { Child, run } from "./support/child.ts";
import { fakeTerminal } from "./support/here.ts";
import { serve } from "./support/server.ts";

test("K6 serve listens where its flags say, writes JSON logs, and nothing else", async () => {
  await using server = await serve({ flags: ["--data-dir", "elsewhere"] });
  const { status } = await fetch(`${server.url}/health/ready`);
  expect(status).toBe(200);
  expect(
    await Bun.file(`${server.dir}/elsewhere/${(await listing(`${server.dir}/elsewhere`))[0]}`).exists(),
  ).toBeTrue();
  server.child.kill("SIGTERM");
  const { out, err } = await server.child.finished();
  expect(out).toBe("");
  for (const line of err.trim().split("\n")) expect(JSON.parse(line)).toContainKeys(["level", "time", "msg"]);
});

test.each(["SIGTERM", "SIGINT"] as const)("K8 %s ends the server with exit code 0", async (signal) => {
  await using server = await serve();
  server.child.kill(signal);
  const { code, err } = await server.child.finished();
  expect(code).toBe(0);
  expect(err).toContain(`"signal":"${signal}"`);
});

test("K8 a start that waits for NATS ends when it is told to", async () => {
  const flags = ["--log-url", `nats://127.0.0.1:${freePort()}`, "--log-start-wait", "10m"];
  using dir = new TempDir("tidegate-cli");
  const child = new Child(["serve", "--http-port", "0", ...flags], { cwd: dir.path });
  await child.sees(/waiting for NATS/, "err");
  child.kill("SIGTERM");
  expect((await child.finished()).code).toBe(0);
});

test("K9 a wrong configuration ends with exit code 2 and every fault", async () => {
  const { code, out, err } = await run(["serve", "--http-port", "99999", "--drain-rate", "x"]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toStartWith("tidegate: the configuration is not valid:\n  --");
  expect(err.trim().split("\n")).toHaveLength(3);
});

test("K9 an address for others without authentication is a wrong configuration", async () => {
  const { code, err } = await run(["serve", "--http-host", "0.0.0.0", "--http-port", "0"]);
  expect(code).toBe(2);
  expect(err).toContain("there is no authentication");
});

test("K9 a port in use ends with exit code 1 and what to do", async () => {
  await using server = await serve();
  const port = String(server.port);
  const { code, err } = await run(["serve", "--http-port", port, "--log-storage", "memory"]);
  expect(code).toBe(1);
  expect(err).toContain(`127.0.0.1:${port} is in use by another program`);
  expect(err).toContain(`tidegate serve --http-port ${server.port + 1}`);
  expect(err).not.toMatch(/\n\s+at /);
});

test("K7 a terminal gets log lines for people, unless the configuration says otherwise", () => {
  const terminal = fakeTerminal({}, { out: "", err: "" });
  const pretty = (errIsTty: boolean, flags: object): boolean =>
    readOptions({ ...flags }, { ...terminal, errIsTty }).observe.logPretty;
  expect(pretty(true, {})).toBeTrue();
  expect(pretty(true, { observeLogPretty: "false" })).toBeFalse();
  expect(pretty(false, {})).toBeFalse();
});

test("K7 a terminal gets a banner with the addresses, the data directory and a command to try", () => {
  const options = loadOptions({ env: {}, flags: { dataDir: "/var/lib/tidegate" } });
  const server = { url: "http://127.0.0.1:8080/", mqtt: { plain: 1883, secure: undefined } };
  const text = banner(options, server);
  for (const part of [
    "http://127.0.0.1:8080/\n",
    "mqtt://127.0.0.1:1883\n",
    "ws://127.0.0.1:8080/ws\n",
    "/var/lib/tidegate\n",
    "curl -N",
  ])
    expect(text).toContain(part);
  const guarded = loadOptions({ env: { TIDEGATE_AUTH_JWT_SECRET: "s".repeat(32) }, flags: {} });
  expect(banner(guarded, server)).toContain("need a token");
  expect(banner(guarded, server)).not.toContain("ssss");
  const none = { ...server, mqtt: { plain: undefined, secure: undefined } };
  expect(banner(options, none)).toContain("its port is taken");
});

async function listing(dir: string): Promise<readonly string[]> {
  return Array.fromAsync(new Bun.Glob("*").scan({ cwd: dir }));
}
