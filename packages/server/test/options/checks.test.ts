import { expect, test } from "bun:test";
import { isLoopback, loadOptions, startupFault, startupNotice } from "../../src/options/index.ts";
import { faultsOf } from "./support.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const load = (env: Record<string, string>) => loadOptions({ env, flags: {} });

const HASH = "$2b$10$aaaaaaaaaaaaaaaaaaaaaebbbbbbbbbbbbbbbbbbbbbbbbbbbbbbu";

test("O18 options that contradict one another are refused", () => {
  const of = (flags: Record<string, string>, env = {}) => faultsOf({ flags, env }).map((fault) => fault.split(":")[0]);
  expect(of({ httpTlsCert: "c" })).toEqual(["http.tls.cert and http.tls.key"]);
  expect(of({ httpTlsKey: "k" })).toEqual(["http.tls.cert and http.tls.key"]);
  expect(of({ httpTlsCert: "c", httpTlsKey: "k", httpTlsCa: "a" })).toEqual([]);
  expect(of({ httpTlsCa: "a" })).toEqual(["http.tls.ca"]);
  expect(of({ authJwtPublicKey: "p", authJwtJwks: "j" })).toEqual(["auth.jwt.publicKey and auth.jwt.jwks"]);
  expect(of({ authRequired: "true" })).toEqual(["auth.required"]);
  expect(of({ authJwtPublicKey: "p", authJwtAlgorithms: "HS256" })).toEqual(["auth.jwt.algorithms"]);
  expect(of({ authJwtAlgorithms: "ES256" }, { TIDEGATE_AUTH_JWT_SECRET: SECRET })).toEqual(["auth.jwt.algorithms"]);
});

test("O19 what follows from the keys that are set", () => {
  const open = load({}).auth;
  expect([open.required, open.anonymous.publish, open.anonymous.subscribe]).toEqual([
    false,
    ["#", "user/#"],
    ["#", "user/#", "$SYS/#"],
  ]);
  expect(open.jwt.algorithms).toEqual([]);
  const secret = load({ TIDEGATE_AUTH_JWT_SECRET: SECRET }).auth;
  expect([secret.required, secret.anonymous.publish, secret.anonymous.subscribe]).toEqual([true, [], []]);
  expect(secret.jwt.algorithms).toEqual(["HS256", "HS384", "HS512"]);
  expect(load({ TIDEGATE_AUTH_JWT_JWKS: "x" }).auth.jwt.algorithms).toContain("EdDSA");
  expect(load({ TIDEGATE_AUTH_JWT_JWKS: "x" }).auth.jwt.algorithms).not.toContain("HS256");
  const keys = load({ TIDEGATE_AUTH_KEYS: `[{name: a, hash: ${"ab".repeat(32)}}]` }).auth;
  expect([keys.required, keys.jwt.algorithms]).toEqual([true, []]);
  const users = load({ TIDEGATE_AUTH_USERS: `[{name: ann, hash: "${HASH}"}]` }).auth;
  expect([users.required, users.anonymous.publish, users.anonymous.subscribe]).toEqual([true, [], []]);
  const mixed = load({
    TIDEGATE_AUTH_JWT_SECRET: SECRET,
    TIDEGATE_AUTH_REQUIRED: "false",
    TIDEGATE_AUTH_ANONYMOUS_SUBSCRIBE: "news/#",
  }).auth;
  expect([mixed.required, mixed.anonymous.publish, mixed.anonymous.subscribe]).toEqual([false, [], ["news/#"]]);
});

test("O28 without authentication the server listens on loopback only", () => {
  for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.com", "127.evil.com", "localhost.example.com"]) {
    const fault = startupFault(load({ TIDEGATE_HTTP_HOST: host }));
    expect(fault).toContain(`http.host is ${host}`);
    expect(fault).toContain("auth.jwt.secret");
    expect(fault).toContain("set http.host to 127.0.0.1");
    expect(startupFault(load({ TIDEGATE_HTTP_HOST: host, TIDEGATE_AUTH_JWT_SECRET: SECRET }))).toBeUndefined();
    expect(startupFault(load({ TIDEGATE_HTTP_HOST: host, TIDEGATE_AUTH_ANONYMOUS_PUBLISH: "#" }))).toBeDefined();
  }
  for (const host of ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"]) {
    expect(isLoopback(host)).toBe(true);
    expect(startupFault(load({ TIDEGATE_HTTP_HOST: host }))).toBeUndefined();
  }
});

test("O29 a notice says who may connect without authentication", () => {
  expect(startupNotice(load({}))).toContain("No authentication is set");
  expect(startupNotice(load({ TIDEGATE_AUTH_JWT_SECRET: SECRET }))).toBeUndefined();
});

test("ND50 a lease shorter than three heartbeats is refused", () => {
  expect(load({}).cluster).toMatchObject({ name: "tidegate", heartbeat: 1000, lease: 5000 });
  expect(load({ TIDEGATE_CLUSTER_HEARTBEAT: "2s", TIDEGATE_CLUSTER_LEASE: "6s" }).cluster.lease).toBe(6000);
  for (const env of [{ TIDEGATE_CLUSTER_HEARTBEAT: "2s" }, { TIDEGATE_CLUSTER_LEASE: "2999ms" }])
    expect(() => load(env)).toThrow("cluster.lease: must be at least three times cluster.heartbeat");
});

test("ND51 the cluster's name is one word, and the advertised URL shows no password", () => {
  for (const name of ["a.b", "a b", ">", "é", "x".repeat(65)])
    expect(() => load({ TIDEGATE_CLUSTER_NAME: name })).toThrow("cluster.name: must be 1 to 64 letters");
  expect(load({ TIDEGATE_CLUSTER_NAME: "prod_1-eu" }).cluster.name).toBe("prod_1-eu");
  for (const url of ["10.0.0.7:8080", "nats://10.0.0.7", "/a"])
    expect(() => load({ TIDEGATE_CLUSTER_ADVERTISE: url })).toThrow("cluster.advertise: must be a URL");
  expect(() => load({ TIDEGATE_CLUSTER_ADVERTISE: "http://a:b@c" })).toThrow("no user and no password");
  expect(load({ TIDEGATE_CLUSTER_ADVERTISE: "https://gw-1:8443" }).cluster.advertise).toBe("https://gw-1:8443");
});
