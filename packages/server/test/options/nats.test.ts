import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { natsAccess } from "../../src/gateway/nats.ts";
import { describe as describeOptions, loadOptions, loadWithOrigins } from "../../src/options/index.ts";
import { faultsOf, withFile } from "./support.ts";
import { TempDir } from "../support/temp-dir.ts";

const URLS = ["nats://a:4222", "tls://b:4223"];

test("O32 log may be the servers themselves, in the file, as a variable and as a flag", () => {
  const fromFile = (text: string) => withFile(text, (file) => loadOptions({ file, env: {}, flags: {} }).log.url);
  expect(fromFile("log: nats://a:4222\n")).toEqual(["nats://a:4222"]);
  expect(fromFile("log: [nats://a:4222, tls://b:4223]\n")).toEqual(URLS);
  expect(fromFile("log:\n  url: nats://a:4222,tls://b:4223\n  replicas: 3\n")).toEqual(URLS);
  expect(loadOptions({ env: { TIDEGATE_LOG: URLS.join() }, flags: {} }).log.url).toEqual(URLS);
  expect(loadOptions({ env: {}, flags: { log: URLS.join() } }).log.url).toEqual(URLS);
  expect(faultsOf({ text: "log: 5\n" })).toEqual(["tidegate.yaml:1: log.url: must be a list, not 5"]);
  expect(faultsOf({ text: "http: nats://a\n" })[0]).toContain("must be a map of keys");
});

test.each([
  ["http://a:4222", "is not a NATS server: write nats://host:4222 or tls://host:4222"],
  ["nats://", "nats://"],
  ["nats://a:4222/x", "has something behind the port"],
  ["nats://ann:secret@a:4222/x", '"nats://a:4222/x" has something behind the port'],
  ["ann:secret@a", '"a" is not a NATS server'],
])("O33 %s is no server, and the fault does not show who connects", (url, fault) => {
  const [found = "", ...others] = faultsOf({ env: { TIDEGATE_LOG: url } });
  expect(others).toEqual([]);
  expect(found).toContain(fault);
  expect(found).not.toContain("secret");
});

test("O33 what stands before the @ is not shown by tidegate config either", () => {
  const loaded = loadWithOrigins({ env: { TIDEGATE_LOG: "nats://ann:secret@a:4222" }, flags: {} });
  const shown = describeOptions(loaded).find(({ name }) => name === "log.url");
  expect(shown).toEqual({ name: "log.url", value: '["nats://a:4222"]', from: "TIDEGATE_LOG" });
});

test("O34 options of NATS that contradict one another, or have no NATS, are refused", () => {
  const of = (env: Record<string, string>) => faultsOf({ env: { TIDEGATE_LOG: "nats://a", ...env } });
  expect(of({ TIDEGATE_LOG_TOKEN: "x", TIDEGATE_LOG_CREDS_FILE: "y" })[0]).toContain("only one kind of credentials");
  expect(of({ TIDEGATE_LOG: "nats://ann:secret@a", TIDEGATE_LOG_TOKEN: "x" })[0]).toContain(
    "user info in log.url and log.token",
  );
  expect(of({ TIDEGATE_LOG: "nats://ann@a,nats://b" })).toEqual([
    "log.url: the user info must be the same in all URLs",
  ]);
  expect(of({ TIDEGATE_LOG_STORAGE: "memory" })[0]).toContain("either in memory or on NATS");
  expect(of({ TIDEGATE_LOG: "" })).toEqual(["log.url: must name at least one server"]);
  expect(of({ TIDEGATE_LOG_MONITORS: "a:8222" })[0]).toContain("is not a monitoring port");
  expect(faultsOf({ env: { TIDEGATE_LOG_TOKEN: "x" } })).toEqual([
    "log.token: is for the log on NATS: set log.url too",
  ]);
});

test("O35 a gateway shows NATS what the URL, a token, a seed or a credentials file says", () => {
  using folder = new TempDir("tidegate-nats-options");
  const file = join(folder.path, "secret");
  writeFileSync(file, "SUseed\n");
  const of = (env: Record<string, string>) =>
    natsAccess(loadOptions({ env: { TIDEGATE_LOG: "nats://a", ...env }, flags: {} }));
  expect(of({ TIDEGATE_LOG: "nats://ann:p%40ss@a:4222" })).toEqual({
    servers: ["nats://a:4222"],
    credentials: { kind: "password", user: "ann", password: "p@ss" },
  });
  expect(of({ TIDEGATE_LOG: "nats://t0ken@a" })?.credentials).toEqual({ kind: "token", token: "t0ken" });
  expect(of({ TIDEGATE_LOG_TOKEN: "t" })?.credentials).toEqual({ kind: "token", token: "t" });
  expect(of({ TIDEGATE_LOG_NKEY_FILE: file })?.credentials).toEqual({ kind: "nkey", seed: "SUseed" });
  expect(of({ TIDEGATE_LOG_CREDS_FILE: file })?.credentials).toEqual({ kind: "creds", text: "SUseed\n" });
  expect(of({ TIDEGATE_LOG_CA_FILE: file })).toEqual({ servers: ["nats://a"], ca: "SUseed\n" });
  expect(() => of({ TIDEGATE_LOG_CREDS_FILE: join(folder.path, "none") })).toThrow("log.credsFile: cannot be read");
  expect(natsAccess(loadOptions({ env: {}, flags: {} }))).toBeUndefined();
});
