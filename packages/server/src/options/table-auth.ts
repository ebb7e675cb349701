import type { OptionTable } from "./spec.ts";

/** Algorithms of tokens that are verified: all of RFC 7518 and RFC 8037 that sign, and never `none`. */
export const JWT_ALGORITHMS = [
  "HS256",
  "HS384",
  "HS512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

/** Who may connect, and what they may do. */
export const AUTH_OPTIONS = {
  "auth.required": {
    kind: "boolean",
    default: undefined,
    derived: "true once auth.jwt, auth.keys or auth.users is set",
    about: "Refuse clients without a token or password.",
  },
  "auth.anonymous.publish": {
    kind: "list",
    items: "pattern",
    default: undefined,
    derived: "# and user/# without authentication, else nothing",
    about: "Topics that clients without a token may publish to.",
  },
  "auth.anonymous.subscribe": {
    kind: "list",
    items: "pattern",
    default: undefined,
    derived: "#, user/# and $SYS/# without authentication, else nothing",
    about: "Topics that clients without a token may subscribe to.",
  },
  "auth.userPermissions.publish": {
    kind: "list",
    items: "pattern",
    default: ["#"],
    about: "Topics that signed-in users may publish to, unless their token says otherwise.",
  },
  "auth.userPermissions.subscribe": {
    kind: "list",
    items: "pattern",
    default: ["#"],
    about: "Topics that signed-in users may subscribe to, unless their token says otherwise.",
  },
  "auth.jwt.secret": {
    kind: "text",
    secret: true,
    default: undefined,
    // RFC 7518, 3.2: a key of at least the size of the hash, 32 bytes for HS256.
    minChars: 32,
    about: "Secret of tokens signed with HS256, HS384 or HS512.",
  },
  "auth.jwt.publicKey": {
    kind: "text",
    form: "path",
    default: undefined,
    about: "Public key (PEM) of tokens signed with RS, PS, ES or EdDSA.",
  },
  "auth.jwt.jwks": {
    kind: "text",
    form: "URL or path",
    default: undefined,
    about: "Key set (JWKS) of tokens; read again when an unknown key appears.",
  },
  "auth.jwt.algorithms": {
    kind: "list",
    items: "choice",
    choices: JWT_ALGORITHMS,
    default: undefined,
    derived: "those that fit the configured keys",
    about: "Algorithms of tokens that are accepted.",
  },
  "auth.jwt.issuer": { kind: "text", default: undefined, about: "Required `iss` of tokens." },
  "auth.jwt.audience": { kind: "text", default: undefined, about: "Required `aud` of tokens." },
  "auth.jwt.leeway": {
    kind: "duration",
    default: "5s",
    min: "0",
    max: "10m",
    about: "Difference of clocks that is forgiven in the times of a token.",
  },
  "auth.keys": {
    kind: "keys",
    secret: true,
    default: [],
    about: "API keys of other servers: name, hash (or key), publish, subscribe, admin.",
  },
  "auth.users": {
    kind: "users",
    secret: true,
    default: [],
    about: "Users who sign in with a password over MQTT and HTTP: name, hash, publish, subscribe, admin, since.",
  },
  "auth.graceAfterExpiry": {
    kind: "duration",
    // A client refreshes in the background; a phone may be asleep at the moment.
    default: "30s",
    min: "0",
    max: "24h",
    about: "A live connection has this long after its token's end to bring a new one.",
  },
} as const satisfies OptionTable;
