export interface KeyEntry {
  readonly name: string;
  readonly hash: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly admin: boolean;
}

/** The entry of an API key in tidegate.yaml. */
export function keyLines({ name, hash, publish, subscribe, admin }: KeyEntry): string {
  return `auth:
  keys:
    - name: ${JSON.stringify(name)}
      hash: ${hash}
      publish: ${patternList(publish)}
      subscribe: ${patternList(subscribe)}
${admin ? "      admin: true\n" : ""}`;
}

/** JSON is YAML, and keeps a bare # from being a comment. */
export function patternList(patterns: readonly string[]): string {
  return `[${patterns.map((pattern) => JSON.stringify(pattern)).join(", ")}]`;
}
