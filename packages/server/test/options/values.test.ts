import { expect, test } from "bun:test";
import fc from "fast-check";
import { formatDuration, formatSize, loadOptions, parseDuration, parseSize } from "../../src/options/index.ts";
import { readValue, show } from "../../src/options/read.ts";
import { Fault } from "../../src/options/fault.ts";
import { NAMESPACE_TABLE, OPTIONS } from "../../src/options/table.ts";
import { faultsOf } from "./support.ts";

test("O13 durations are milliseconds inside", () => {
  const known = {
    "500ms": 500,
    "25s": 25_000,
    "2m": 120_000,
    "24h": 86_400_000,
    "7d": 604_800_000,
    "1.5s": 1500,
    "1 s": 1000,
    "0": 0,
  };
  for (const [text, value] of Object.entries(known)) expect(parseDuration(text)).toBe(value);
  for (const text of ["", "25", "s", "-1s", "1e3s", "25 sec", "1h30m", "1S", " 1s", "99999999999999d", "٣s", "1.s"])
    expect(parseDuration(text)).toBeUndefined();
});

test("O13 O14 what is printed is read back as the same", () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e12 }), (value) => {
      expect(parseDuration(formatDuration(value))).toBe(value);
      expect(parseSize(formatSize(value))).toBe(value);
    }),
  );
  expect([86_400_000, 172_800_000, 90_000, 0].map(formatDuration)).toEqual(["24h", "2d", "90s", "0"]);
  expect([65_536, 1500, 1024 ** 3].map(formatSize)).toEqual(["64KB", "1500B", "1GB"]);
});

test("O14 sizes are bytes inside, in steps of 1,024", () => {
  const known = {
    "512B": 512,
    "64KB": 65_536,
    "64kb": 65_536,
    "1MB": 1_048_576,
    "1GiB": 1024 ** 3,
    "1.5KiB": 1536,
    "2TB": 2 * 1024 ** 4,
    "0": 0,
  };
  for (const [text, value] of Object.entries(known)) expect(parseSize(text)).toBe(value);
  for (const text of ["", "64", "KB", "-1KB", "1XB", "1iB", "64K", "9999999999TB"])
    expect(parseSize(text)).toBeUndefined();
});

test("O15 values of another kind or outside their range are refused", () => {
  const bad: [string, unknown][] = [
    ["http.port", 1.5],
    ["http.port", -1],
    ["http.port", "0x10"],
    ["http.port", NaN],
    ["http.port", [1]],
    ["http.port", true],
    ["http.maxBody", 1024],
    ["http.maxBody", "1B"],
    ["heartbeat.interval", "2h"],
    ["heartbeat.interval", 25],
    ["observe.metrics", "yes"],
    ["observe.metrics", 1],
    ["observe.logLevel", "verbose"],
    ["data.dir", ""],
    ["data.dir", 5],
    ["data.dir", {}],
    ["auth.jwt.secret", "short"],
    ["auth.keys", "name"],
    ["auth.users", "name"],
    ["auth.userPermissions.publish", 5],
    ["auth.userPermissions.publish", [5]],
    ["auth.userPermissions.publish", Array.from({ length: 1001 }, () => "a")],
  ];
  for (const [name, raw] of bad)
    expect(readValue(OPTIONS.get(name)!, raw), `${name}: ${show(raw)}`).toBeInstanceOf(Fault);
});

test("O15 text from a variable is read as the value that it spells", () => {
  const env = { TIDEGATE_HTTP_PORT: "81", TIDEGATE_OBSERVE_METRICS: "false", TIDEGATE_HTTP_TRUST_PROXY: "true" };
  const { http, observe } = loadOptions({ env, flags: { websocketCompression: true } });
  expect([http.port, observe.metrics, http.trustProxy]).toEqual([81, false, true]);
});

test("O16 a list is a YAML list or text with commas, and the entry at fault is named", () => {
  const env = { TIDEGATE_AUTH_USER_PERMISSIONS_PUBLISH: " chat/#, inbox/{user} ,,user-{user}/+ " };
  const { auth } = loadOptions({ env, flags: {} });
  expect(auth.userPermissions.publish).toEqual(["chat/#", "inbox/{user}", "user-{user}/+"]);
  expect(faultsOf({ text: 'auth: {userPermissions: {publish: ["a/#/b"], subscribe: ["a/{name}"]}}' })).toEqual([
    'tidegate.yaml:1: auth.userPermissions.publish: "a/#/b" is not a topic pattern: # is allowed only as the last level',
    'tidegate.yaml:1: auth.userPermissions.subscribe: "a/{name}" has the variable {name}: the only one is {user}',
  ]);
});

test("O16 origins are whole origins or a star; algorithms are known ones", () => {
  const good = "*,https://example.com,http://localhost:3000";
  expect(loadOptions({ env: {}, flags: { httpAllowedOrigins: good } }).http.allowedOrigins).toHaveLength(3);
  for (const bad of ["example.com", "https://example.com/", "https://example.com/x", "app://x", "https://EXAMPLE.com"])
    expect(faultsOf({ flags: { httpAllowedOrigins: bad } })).toHaveLength(1);
  expect(faultsOf({ flags: { authJwtAlgorithms: "RS265" } })[0]).toContain('did you mean "RS256"?');
  expect(faultsOf({ flags: { authJwtAlgorithms: "none" } })).toHaveLength(1);
});

test("O20 every default obeys the table, and every description is one sentence", () => {
  for (const [name, spec] of [...OPTIONS, ...NAMESPACE_TABLE]) {
    if (spec.default !== undefined) expect(readValue(spec, spec.default), name).not.toBeInstanceOf(Fault);
    expect(spec.about, name).toMatch(/^[A-Z].*[^.\s]\.$|\{user\}\/#\.$/);
  }
});
