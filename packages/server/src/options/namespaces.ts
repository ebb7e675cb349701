import { LEADING_SLASH } from "./namespace-name.ts";
import type { NamespaceSettings, Options } from "./table.ts";

/**
 * The settings of a namespace by its name; undefined where `strictNamespaces` is on and it is not listed. Asked for
 * every publish: one look-up, and nothing is kept for names that are not listed.
 */
export function namespaceSettings(options: Options): (name: string) => NamespaceSettings | undefined {
  const { namespaces, namespaceDefaults, strictNamespaces } = options;
  const unlisted = strictNamespaces ? undefined : namespaceDefaults;
  // The usual case without one: names are new strings for each publish, which a look-up would have to hash.
  if (namespaces.size === 0 && !strictNamespaces) return () => namespaceDefaults;
  // Personal topics and the server's own are there without being listed.
  return (name) =>
    namespaces.get(name === "" ? LEADING_SLASH : name) ?? (isBuiltIn(name) ? namespaceDefaults : unlisted);
}

/** What holds for the topics of a namespace, whether or not it is allowed: the defaults where it is not listed. */
export function namespacePolicy(options: Options): (name: string) => NamespaceSettings {
  const settings = namespaceSettings(options);
  return (name) => settings(name) ?? options.namespaceDefaults;
}

function isBuiltIn(name: string): boolean {
  return name === "user" || name.startsWith("$");
}
