import type { Options } from "../options/index.ts";

/** What the authenticator needs of the options. */
export interface AuthSettings {
  readonly required: boolean;
  readonly anonymous: TopicGrants;
  /** What signed-in users may do unless their token says otherwise. */
  readonly users: TopicGrants;
  readonly jwt: Options["auth"]["jwt"];
  readonly keys: Options["auth"]["keys"];
  /** Users who sign in with a password. */
  readonly passwordUsers: Options["auth"]["users"];
}

export interface TopicGrants {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Adds the patterns of each namespace, which are written without its name, to those of all users. */
export function authSettings({ auth, namespaces }: Options): AuthSettings {
  const publish = [...auth.userPermissions.publish];
  const subscribe = [...auth.userPermissions.subscribe];
  for (const [name, settings] of namespaces) {
    publish.push(...settings.publish.map((pattern) => `${name}/${pattern}`));
    subscribe.push(...settings.subscribe.map((pattern) => `${name}/${pattern}`));
  }
  const { required, anonymous, jwt, keys } = auth;
  return { required, anonymous, users: { publish, subscribe }, jwt, keys, passwordUsers: auth.users };
}
