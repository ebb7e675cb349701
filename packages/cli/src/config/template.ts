import { OPTIONS, type OptionSpec, printDefault } from "@tidegate/server";

/** What most people set, with room for the rest. Everything is a comment, so the file changes nothing yet. */
export function shortTemplate(): string {
  return `${HEAD}${groupsText(COMMON)}\n${NAMESPACES}`;
}

/** Every option at its default, as comments. */
export function fullTemplate(): string {
  return `${HEAD}${groupsText([...OPTIONS.keys()])}\n${NAMESPACES}`;
}

const COMMON = [
  "data.dir",
  "log.url",
  "http.host",
  "http.port",
  "http.allowedOrigins",
  "http.tls.cert",
  "http.tls.key",
  "http.trustProxy",
  "connections.max",
  "auth.jwt.secret",
  "auth.jwt.jwks",
  "auth.keys",
  "auth.users",
  "auth.userPermissions.publish",
  "auth.userPermissions.subscribe",
  "observe.logLevel",
  "namespaceDefaults.durability",
  "namespaceDefaults.history.size",
  "namespaceDefaults.history.age",
];

const HEAD = `# Tidegate's configuration. Remove the "# " before a group and before a value to set it.
# All options: docs/configuration.md, or "tidegate config init --all FILE". Is it right? "tidegate config check FILE".
# Every value can be a variable too: http.port is TIDEGATE_HTTP_PORT. A flag wins over a variable, that over this file.
`;

const NAMESPACES = `# A namespace is the first level of a topic: the settings of "chat" are those of chat/room_1. What it leaves out is as in
# namespaceDefaults.
# namespaces:
#   chat:
#     durability: power
#     history:
#       size: 500
#       age: 7d
#     publish: ["#"]
#     subscribe: ["#"]
`;

/** The same nesting as in the file: `http.tls.cert` stands below `tls:` below `http:`. */
function groupsText(names: readonly string[]): string {
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const name of names) {
    const path = name.split(".");
    const groups = path.slice(0, -1);
    const same = groups.findIndex((group, i) => open[i] !== group);
    const first = same < 0 ? groups.length : same;
    if (first === 0) lines.push("");
    for (const [i, group] of groups.entries()) if (i >= first) lines.push(`# ${"  ".repeat(i)}${group}:`);
    lines.push(...valueLines(path.at(-1) ?? "", OPTIONS.get(name), groups.length));
    open = groups;
  }
  return `${lines.join("\n")}\n`;
}

/** A comment that says what it is, then the value; a doubled # keeps the words a comment when the values are not any more. */
function valueLines(key: string, spec: OptionSpec | undefined, depth: number): readonly string[] {
  if (spec === undefined) throw new TypeError(`${key} is not in the table`);
  const indent = "  ".repeat(depth);
  const preset = printDefault(spec);
  const value = spec.derived !== undefined || spec.default === undefined ? "" : ` ${preset}`;
  const note = spec.derived === undefined ? "" : ` Default: ${spec.derived}.`;
  return [`# ${indent}## ${spec.about}${note}`, `# ${indent}${key}:${value}`];
}
