type Values = ReadonlyMap<string, unknown>;

const SYMMETRIC = ["HS256", "HS384", "HS512"];
const ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** What an anonymous client may do without authentication; with it, only what somebody wrote down. */
const EVERYTHING: readonly string[] = ["#", "user/#"];

/** Whether tokens, keys or passwords can be checked at all. */
export function hasAuthentication(values: Values): boolean {
  return usesSecret(values) || usesPublicKey(values) || has(values, "auth.keys") || has(values, "auth.users");
}

/** What an option without a value becomes, given the others. Each has `derived` in the table. */
export const DERIVED: ReadonlyMap<string, (values: Values) => unknown> = new Map<string, (values: Values) => unknown>([
  ["mqtt.host", (values) => values.get("http.host")],
  // A gateway alone has nobody to whom a balancer could send its clients.
  ["drain.delay", (values) => (values.get("log.url") === undefined ? 0 : 2000)],
  ["auth.required", hasAuthentication],
  ["auth.anonymous.publish", (values) => (hasAuthentication(values) ? [] : EVERYTHING)],
  ["auth.anonymous.subscribe", (values) => (hasAuthentication(values) ? [] : [...EVERYTHING, "$SYS/#"])],
  ["auth.jwt.algorithms", algorithms],
]);

/** A secret never verifies an asymmetric algorithm, nor a public key a symmetric one: RFC 8725, 3.1. */
function algorithms(values: Values): readonly string[] {
  return [...(usesSecret(values) ? SYMMETRIC : []), ...(usesPublicKey(values) ? ASYMMETRIC : [])];
}

function has(values: Values, list: "auth.keys" | "auth.users"): boolean {
  return ((values.get(list) as readonly unknown[] | undefined)?.length ?? 0) > 0;
}

function usesSecret(values: Values): boolean {
  return values.get("auth.jwt.secret") !== undefined;
}

function usesPublicKey(values: Values): boolean {
  return values.get("auth.jwt.publicKey") !== undefined || values.get("auth.jwt.jwks") !== undefined;
}
