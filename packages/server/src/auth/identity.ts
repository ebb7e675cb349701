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
