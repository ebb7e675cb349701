import { natsFaults } from "./checks-nats.ts";
import { hasAuthentication } from "./derive.ts";

type Values = ReadonlyMap<string, unknown>;

/** What no single value shows: options that need or exclude one another. One sentence for each fault. */
export function crossFaults(values: Values): string[] {
  return [...CHECKS.map((check) => check(values)), ...natsFaults(values)].filter((fault) => fault !== undefined);
}

const CHECKS: readonly ((values: Values) => string | undefined)[] = [
  pairFault("http.tls", "plain HTTP"),
  authorityFault("http.tls"),
  pairFault("mqtt.tls", "no MQTT over TLS"),
  authorityFault("mqtt.tls"),
  (values) =>
    has(values, "auth.jwt.publicKey") && has(values, "auth.jwt.jwks")
      ? "auth.jwt.publicKey and auth.jwt.jwks: set only one; a key set can hold the public key"
      : undefined,
  (values) =>
    values.get("auth.required") === true && !hasAuthentication(values)
      ? "auth.required: no client could connect: set auth.jwt.secret, auth.jwt.publicKey, auth.jwt.jwks, auth.keys or auth.users too"
      : undefined,
  algorithmFault,
  (values) =>
    /^[A-Za-z0-9_-]{1,64}$/.test(String(values.get("cluster.name")))
      ? undefined
      : 'cluster.name: must be 1 to 64 letters, digits, "_" and "-"',
  advertiseFault,
  (values) =>
    Number(values.get("cluster.lease")) >= 3 * Number(values.get("cluster.heartbeat"))
      ? undefined
      : "cluster.lease: must be at least three times cluster.heartbeat, so that two announcements may be lost",
];

function pairFault(group: string, without: string) {
  return (values: Values): string | undefined =>
    has(values, `${group}.cert`) === has(values, `${group}.key`)
      ? undefined
      : `${group}.cert and ${group}.key: set both, or none for ${without}`;
}

function authorityFault(group: string) {
  return (values: Values): string | undefined =>
    has(values, `${group}.ca`) && !has(values, `${group}.cert`)
      ? `${group}.ca: client certificates need ${group}.cert and ${group}.key`
      : undefined;
}

function algorithmFault(values: Values): string | undefined {
  const symmetric = has(values, "auth.jwt.secret");
  const asymmetric = has(values, "auth.jwt.publicKey") || has(values, "auth.jwt.jwks");
  for (const name of (values.get("auth.jwt.algorithms") as readonly string[] | undefined) ?? []) {
    if (name.startsWith("HS") && !symmetric) return `auth.jwt.algorithms: ${name} needs auth.jwt.secret`;
    if (!name.startsWith("HS") && !asymmetric)
      return `auth.jwt.algorithms: ${name} needs auth.jwt.publicKey or auth.jwt.jwks`;
  }
  return undefined;
}

function advertiseFault(values: Values): string | undefined {
  const url = values.get("cluster.advertise") as string | undefined;
  if (url === undefined) return undefined;
  const { protocol, username, password } = URL.parse(url) ?? { protocol: "", username: "", password: "" };
  if (protocol !== "http:" && protocol !== "https:")
    return "cluster.advertise: must be a URL such as http://10.0.0.7:8080";
  return username === "" && password === ""
    ? undefined
    : "cluster.advertise: everybody who may list the nodes sees it; it must have no user and no password";
}

function has(values: Values, name: string): boolean {
  return values.get(name) !== undefined;
}
