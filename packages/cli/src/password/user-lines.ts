import { patternList } from "../token/key-lines.ts";

export interface UserEntry {
  readonly name: string;
  readonly hash: string;
  /** As in a file: `2026-03-01T09:30:00.000Z`. */
  readonly since: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly admin: boolean;
}

/** The entry of a user in tidegate.yaml. */
export function userLines({ name, hash, since, publish, subscribe, admin }: UserEntry): string {
  const own = Object.entries({ publish, subscribe }).filter(([, patterns]) => patterns.length > 0);
  return `auth:
  users:
    - name: ${JSON.stringify(name)}
      hash: ${hash}
      since: ${since}
${own.map(([field, patterns]) => `      ${field}: ${patternList(patterns)}\n`).join("")}${admin ? "      admin: true\n" : ""}`;
}
