import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configFile, describe, describeText, flagSpecs, helpText, loadWithOrigins } from "../../src/options/index.ts";
import { configurationDoc } from "../../src/options/configuration-doc.ts";
import { attributeOf, flagNames, flagOf, variableOf } from "../../src/options/names.ts";
import { OPTIONS } from "../../src/options/table.ts";
import { faultsOf, withFile } from "./support.ts";
import { TempDir } from "../support/temp-dir.ts";

const SECRET = "very-secret-0123456789abcdef-0123456789";

const BCRYPT = "$2b$10$aaaaaaaaaaaaaaaaaaaaaebbbbbbbbbbbbbbbbbbbbbbbbbbbbbbu";

test("O2 variables and flags follow from the names, and no two are the same", () => {
  expect(variableOf("http.maxBody")).toBe("TIDEGATE_HTTP_MAX_BODY");
  expect(flagOf("http.maxBody")).toBe("http-max-body");
  expect(attributeOf("auth.jwt.publicKey")).toBe("authJwtPublicKey");
  const names = [...OPTIONS.keys()];
  for (const derive of [variableOf, flagOf, attributeOf]) expect(new Set(names.map(derive)).size).toBe(names.length);
  expect(flagNames()).not.toContain("auth.jwt.secret");
  expect(flagNames()).not.toContain("auth.keys");
  expect(flagNames()).not.toContain("auth.users");
  expect(flagNames().filter((name) => name !== "log")).toHaveLength(names.length - 4);
});

test("O9 the file is the one that is named, else the one in the working directory", () => {
  using folder = new TempDir("tidegate-options");
  const cwd = folder.path;
  expect(configFile({ flag: undefined, env: {}, cwd })).toBeUndefined();
  writeFileSync(join(cwd, "tidegate.yaml"), "");
  expect(configFile({ flag: undefined, env: {}, cwd })).toBe(join(cwd, "tidegate.yaml"));
  expect(configFile({ flag: undefined, env: { TIDEGATE_CONFIG: "b" }, cwd })).toBe("b");
  expect(configFile({ flag: "a", env: { TIDEGATE_CONFIG: "b" }, cwd })).toBe("a");
});

function described() {
  const text = "http:\n  port: 81\nnamespaceDefaults:\n  ackWait: 1m\nnamespaces:\n  chat: {history: {size: 5}}\n";
  const env = { TIDEGATE_AUTH_JWT_SECRET: SECRET, TIDEGATE_HTTP_MAX_BODY: "2MB" };
  return withFile(text, (file) => {
    const loaded = loadWithOrigins({ file, env, flags: { httpHost: "::1" } });
    return {
      loaded,
      lines: describe(loaded).map((line) => ({ ...line, from: line.from.replace(file, "tidegate.yaml") })),
    };
  });
}

test("O24 every value in force is listed with its place", () => {
  const { lines, loaded } = described();
  const of = (name: string) => lines.find((line) => line.name === name);
  expect(of("http.port")).toEqual({ name: "http.port", value: "81", from: "tidegate.yaml:2" });
  expect(of("http.maxBody")).toEqual({ name: "http.maxBody", value: "2MB", from: "TIDEGATE_HTTP_MAX_BODY" });
  expect(of("http.host")).toEqual({ name: "http.host", value: "::1", from: "--http-host" });
  expect(of("heartbeat.interval")).toEqual({ name: "heartbeat.interval", value: "25s", from: "default" });
  expect(of("http.tls.cert")?.value).toBe("(not set)");
  expect(of("auth.userPermissions.publish")?.value).toBe('["#"]');
  expect(of("auth.required")).toEqual({ name: "auth.required", value: "true", from: "default" });
  expect(of("namespaces.chat.history.size")).toEqual({
    name: "namespaces.chat.history.size",
    value: "5",
    from: "tidegate.yaml:6",
  });
  expect(of("namespaces.chat.ackWait")).toEqual({
    name: "namespaces.chat.ackWait",
    value: "1m",
    from: "tidegate.yaml:4",
  });
  expect(lines.length).toBe(OPTIONS.size + 17);
  expect(describeText(loaded).split("\n")).toHaveLength(lines.length + 1);
});

test("O25 a secret is shown as set, never its value", () => {
  const { loaded, lines } = described();
  expect(lines.find(({ name }) => name === "auth.jwt.secret")?.value).toBe("(set)");
  expect(describeText(loaded)).not.toContain("very-secret");
  const keys = { TIDEGATE_AUTH_KEYS: `[{name: billing, key: tg_${SECRET}}]` };
  expect(describeText(loadWithOrigins({ env: keys, flags: {} }))).toContain("(set: billing)");
  expect(describeText(loadWithOrigins({ env: keys, flags: {} }))).not.toContain("very-secret");
  const users = { TIDEGATE_AUTH_USERS: `[{name: ann, hash: "${BCRYPT}"}]` };
  expect(describeText(loadWithOrigins({ env: users, flags: {} }))).toContain("(set: 1 user)");
  expect(describeText(loadWithOrigins({ env: users, flags: {} }))).not.toContain(BCRYPT);
});

test("O25 no fault shows a secret", () => {
  const all = [
    ...faultsOf({ text: "auth: {jwt: {secret: 12345678}}" }),
    ...faultsOf({ env: { TIDEGATE_AUTH_JWT_SECRET: "12345678" } }),
    ...faultsOf({ text: "auth: {jwt: {secret: [12345678]}}" }),
    ...faultsOf({ env: { TIDEGATE_AUTH_KEYS: "12345678" } }),
    ...faultsOf({ env: { TIDEGATE_AUTH_KEYS: "[{name: a, key: 12345678}]" } }),
    ...faultsOf({ env: { TIDEGATE_AUTH_USERS: "[{name: a, hash: 12345678}]" } }),
  ];
  expect(all).toHaveLength(6);
  expect(all.join()).not.toContain("12345678");
});

test("O26 the help has every flag", () => {
  expect(helpText()).toMatchSnapshot();
  expect(flagSpecs().map(({ attribute }) => attribute)).toEqual(flagNames().map(attributeOf));
  expect(flagSpecs().find(({ attribute }) => attribute === "httpPort")).toEqual({
    flags: "--http-port <number>",
    description: "Port to listen on; 0 takes a free one. (8080)",
    attribute: "httpPort",
    group: "http",
  });
});

test("O27 docs/configuration.md is what the table makes (bun packages/server/scripts/write-configuration.ts)", async () => {
  const file = Bun.file(new URL("../../../../docs/configuration.md", import.meta.url).pathname);
  expect(await file.text()).toBe(configurationDoc());
});
