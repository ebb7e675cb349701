import type { Permissions } from "./permissions.ts";

/** Who a connection is. Small, and shared by all connections with the same token. */
export interface Identity {
  /** The user id: one topic level. Undefined for anonymous clients and API keys. */
  readonly user: string | undefined;
  readonly kind: "anonymous" | "user" | "key";
  /** Name of the API key. */
  readonly keyName: string | undefined;
  /** When the token was made and when it ends, in milliseconds since 1970; undefined where it does not say. */
  readonly issued: number | undefined;
  readonly expires: number | undefined;
  /** `jti` of the token. */
  readonly tokenId: string | undefined;
  /** JSON text that the token tells of its user. */
  readonly info: string | undefined;
  /** Equal permissions are one object. */
  readonly permissions: Permissions;
}

/** Whether the identity may publish to a topic that is valid. */
export function mayPublish({ permissions, user }: Identity, topic: string): boolean {
  return permissions.mayPublish(user, topic);
}

/** Whether every topic that the valid filter names is one that the identity may subscribe to. */
export function maySubscribe({ permissions, user }: Identity, filter: string): boolean {
  return permissions.maySubscribe(user, filter);
}

/** Characters of a user id: room for an e-mail address or two UUIDs. */
const USER_CHARS = 128;

/** Why a text cannot be a user id; undefined if it can. It must be one level of a topic, for `user/<id>`. */
export function userFault(user: string): string | undefined {
  if (user === "") return "is empty";
  if (user.length > USER_CHARS) return `has more than ${USER_CHARS} characters`;
  if (/[/+#]/.test(user)) return "has /, + or #";
  // `$…` topics are the server's: a pattern such as {user}/# must never name one.
  if (user.startsWith("$")) return "begins with $";
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(user)) return "has a control character";
  return user.isWellFormed() ? undefined : "is not valid Unicode";
}
