import { expect, test } from "bun:test";
import { loadOptions, OptionsError } from "../../src/options/index.ts";
import { faultsOf, withFile } from "./support.ts";

test("O1 a flag wins over a variable, that over the file, that over the default, each value for itself", () => {
  const text = "http: {port: 1001, maxBody: 2MB}\nheartbeat: {interval: 3s}\n";
  const options = withFile(text, (file) =>
    loadOptions({
      file,
      env: { TIDEGATE_HTTP_PORT: "1002", TIDEGATE_HTTP_MAX_BODY: "3MB" },
      flags: { httpPort: "1003" },
    }),
  );
  expect(options.http.port).toBe(1003);
  expect(options.http.maxBody).toBe(3 * 1024 ** 2);
  expect(options.heartbeat.interval).toBe(3000);
  expect(options.heartbeat.timeout).toBe(10_000);
});

test("O3 an unknown key is refused and the nearest of the same place suggested", () => {
  expect(faultsOf({ text: "http:\n  max-body: 1MB\n" })).toEqual([
    'tidegate.yaml:2: http.max-body: unknown key (did you mean "maxBody"?)',
  ]);
  expect(faultsOf({ text: "namespace: {}\n" })).toEqual([
    'tidegate.yaml:1: namespace: unknown key (did you mean "namespaces"?)',
  ]);
  expect(faultsOf({ text: "namespaces:\n  chat:\n    history:\n      sice: 1\n" })).toEqual([
    'tidegate.yaml:4: namespaces.chat.history.sice: unknown key (did you mean "size"?)',
  ]);
  expect(faultsOf({ text: "drain: {zzzzzzzz: 1}" })).toEqual([
    "tidegate.yaml:1: drain.zzzzzzzz: unknown key (known here: deadline, delay, spread, rate)",
  ]);
});

test("O3 names of JavaScript objects are unknown keys like others", () => {
  for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    expect(faultsOf({ text: `${key}: 1\n` })).toHaveLength(1);
    expect(faultsOf({ text: `http: {${key}: {port: 1}}\n` })).toHaveLength(1);
  }
});

test("O4 an unknown variable is refused, others are left alone", () => {
  expect(faultsOf({ env: { TIDEGATE_HTP_PORT: "1" } })).toEqual([
    'TIDEGATE_HTP_PORT: unknown variable (did you mean "TIDEGATE_HTTP_PORT"?)',
  ]);
  const foreign = {
    PATH: "/bin",
    TIDEGATE_CONFIG: "x",
    TIDEGATE_TOKEN: "t",
    TIDEGATE_URL: "u",
    TIDEGATE_PORT: "tcp://10.0.0.1:8080",
    TIDEGATE_HTTP_PORT: "tcp://10.0.0.1:8080",
    TIDEGATE_SERVICE_HOST: "10.0.0.1",
    TIDEGATE_SERVICE_PORT_HTTP: "8080",
    TIDEGATE_PORT_8080_TCP_ADDR: "10.0.0.1",
  };
  expect(loadOptions({ env: foreign, flags: {} }).http.port).toBe(8080);
});

test("O5 an unknown flag is refused; one that was not given is not there", () => {
  expect(faultsOf({ flags: { httpPrt: "1" } })).toEqual(['--http-prt: unknown flag (did you mean "--http-port"?)']);
  expect(loadOptions({ env: {}, flags: { httpPort: undefined } }).http.port).toBe(8080);
  expect(faultsOf({ flags: { authJwtSecret: "s".repeat(32) } })).toHaveLength(1);
});

test("O6 all faults are told at once, with place, what is allowed and what was found", () => {
  const text = "http:\n  port: abc\nnamespaces:\n  chat:\n    history:\n      size: abc\n";
  const env = { TIDEGATE_HTTP_PORT: "99999" };
  expect(faultsOf({ text, env, flags: { heartbeatInterval: "25" } })).toEqual([
    'tidegate.yaml:2: http.port: must be a whole number from 0 to 65535, not "abc"',
    'tidegate.yaml:6: namespaces.chat.history.size: must be a whole number of messages from 0 to 10000000, not "abc"',
    'TIDEGATE_HTTP_PORT: must be a whole number from 0 to 65535, not "99999"',
    '--heartbeat-interval: must be a duration such as 500ms, 25s, 2m, 24h or 7d, from 100ms to 1h, not "25"',
  ]);
});

test("O6 lines are found past comments, quotes, flow style and lists", () => {
  const text = [
    "# http: {port: x}",
    "auth:",
    "  userPermissions:",
    "    publish:",
    "    - 'a/#'",
    '"http": # here',
    "  'port': 70000",
    "  tls: {cert: 1}",
    "websocket: {maxFrame: 1}",
  ].join("\n");
  const places = faultsOf({ text }).map((fault) => fault.split(":").slice(0, 3).join(":"));
  expect(places).toEqual([
    "tidegate.yaml:7: http.port",
    "tidegate.yaml:8: http.tls.cert",
    "tidegate.yaml:9: websocket.maxFrame",
  ]);
});

test("O7 a key without a value counts as absent, and an empty file has no options", () => {
  const plain = loadOptions({ env: {}, flags: {} });
  for (const text of ["", "# nothing\n", "http:\n", "http:\n  port:\nnamespaces:\n", "---\n"])
    expect(withFile(text, (file) => loadOptions({ file, env: {}, flags: {} }))).toEqual(plain);
  const listed = withFile("namespaces:\n  chat:\n", (file) => loadOptions({ file, env: {}, flags: {} }));
  expect([...listed.namespaces.keys()]).toEqual(["chat"]);
});

test("O8 a file that is not there or is not YAML is refused with its name", () => {
  expect(() => loadOptions({ file: "/no/such/file.yaml", env: {}, flags: {} })).toThrow(
    /^\/no\/such\/file\.yaml: cannot be read: /,
  );
  expect(faultsOf({ text: "a: [" })).toEqual([expect.stringMatching(/^tidegate\.yaml: is not YAML: /)]);
  expect(faultsOf({ text: "- a\n- b\n" })).toEqual(["tidegate.yaml: must be a map of keys, not a list"]);
  expect(faultsOf({ text: "http: 3\n" })).toEqual(["tidegate.yaml:1: http: must be a map of keys, not 3"]);
});

test("O10 a variable holds the namespaces, and wins over the file value by value", () => {
  const text = "namespaces: {chat: {history: {size: 1, age: 2h}}}\n";
  const env = { TIDEGATE_NAMESPACES: '{"chat":{"history":{"size":5}},"news":{}}' };
  const { namespaces } = withFile(text, (file) => loadOptions({ file, env, flags: {} }));
  expect(namespaces.get("chat")?.history).toEqual({ size: 5, age: 7_200_000 });
  expect([...namespaces.keys()]).toEqual(["chat", "news"]);
  expect(faultsOf({ env: { TIDEGATE_NAMESPACES: "{chat: {history: {size: x}}}" } })).toEqual([
    'TIDEGATE_NAMESPACES: namespaces.chat.history.size: must be a whole number of messages from 0 to 10000000, not "x"',
  ]);
  expect(faultsOf({ env: { TIDEGATE_NAMESPACES: "[" } })).toHaveLength(1);
});

test("O11 a secret is read from the file that its variable with _FILE names", () => {
  const secret = "0123456789abcdef0123456789abcdef";
  const read = (file: string) =>
    loadOptions({ env: { TIDEGATE_AUTH_JWT_SECRET_FILE: file }, flags: {} }).auth.jwt.secret;
  expect(withFile(`${secret}\n`, read)).toBe(secret);
  expect(() => read("/no/such/secret")).toThrow(/^TIDEGATE_AUTH_JWT_SECRET_FILE: cannot be read/);
  expect(faultsOf({ env: { TIDEGATE_HTTP_PORT_FILE: "x" } })).toHaveLength(1);
});

test("O20 the options are frozen, all the way down", () => {
  const options = loadOptions({ env: {}, flags: {} });
  for (const part of [options, options.http, options.http.tls, options.http.allowedOrigins, options.namespaceDefaults])
    expect(Object.isFrozen(part)).toBe(true);
});

test("O6 the error has its faults as a list and as text", () => {
  const error = new OptionsError(["a", "b"]);
  expect(error.faults).toEqual(["a", "b"]);
  expect(error.message).toBe("a\nb");
});
