import type { Command } from "commander";
import { collect } from "../text/numbers.ts";

/** What a key or a user may do, as flags say it. */
export interface PermissionFlags {
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
  readonly admin?: true;
}

/** Who may come in, as tidegate.yaml has it. */
export interface AuthEntry {
  readonly name: string;
  readonly hash: string;
  /** As in a file: `2026-03-01T09:30:00.000Z`. */
  readonly since?: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly admin: boolean;
}

export function addPermissionFlags(
  command: Command,
  texts: { readonly publish: string; readonly subscribe: string },
): Command {
  return command
    .option("--publish <pattern>", texts.publish, collect)
    .option("--subscribe <pattern>", texts.subscribe, collect)
    .option("--admin", "may use the server's own commands, such as revoke");
}

/** The entry for tidegate.yaml. */
export function authEntryLines(list: "keys" | "users", entry: AuthEntry): string {
  const { name, hash, since, publish, subscribe, admin } = entry;
  const fields = [
    `name: ${JSON.stringify(name)}`,
    `hash: ${hash}`,
    ...(since === undefined ? [] : [`since: ${since}`]),
    ...(publish.length === 0 ? [] : [`publish: ${patternList(publish)}`]),
    ...(subscribe.length === 0 ? [] : [`subscribe: ${patternList(subscribe)}`]),
    ...(admin ? ["admin: true"] : []),
  ];
  return `auth:\n  ${list}:\n    - ${fields.join("\n      ")}\n`;
}

/** JSON is YAML, and keeps a bare # from being a comment. */
function patternList(patterns: readonly string[]): string {
  return `[${patterns.map((pattern) => JSON.stringify(pattern)).join(", ")}]`;
}
