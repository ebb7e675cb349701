import { topicFault } from "@tidegate/protocol";

/** The name under which the topics that begin with a slash are listed: their first level is empty. */
export const LEADING_SLASH = "/";

/** Why a namespace may not be listed under this name; undefined if it may. */
export function namespaceFault(name: string): string | undefined {
  const shown = name.length > 60 ? `${name.slice(0, 57)}…` : name;
  if (name === LEADING_SLASH) return undefined;
  if (name.includes("/")) return `"${shown}" is not a namespace: it is one level of a topic, without /`;
  if (name.startsWith("$")) return `"${shown}" is not a namespace to configure: names with $ are the server's own`;
  const fault = topicFault(name);
  return fault === undefined ? undefined : `"${shown}" is not a namespace: ${fault}`;
}
