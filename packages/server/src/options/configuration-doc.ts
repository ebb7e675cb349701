import { variableOf, flagOf } from "./names.ts";
import { printDefault } from "./print.ts";
import type { OptionSpec } from "./spec.ts";
import { DEFAULTS_GROUP, NAMESPACE_TABLE, OPTIONS } from "./table.ts";

/** The whole of docs/configuration.md. */
export function configurationDoc(): string {
  const server = [...OPTIONS].filter(([name]) => !name.startsWith(`${DEFAULTS_GROUP}.`));
  const groups = Map.groupBy(server, ([name]) => name.split(".", 1).join(""));
  const sections = [...groups].map(([group, options]) => `## ${group}\n\n${table(options)}`);
  return [HEAD, ...sections, NAMESPACES, table([...NAMESPACE_TABLE], DEFAULTS_GROUP)].join("\n");
}

const HEAD = `# Configuration

<!-- Made from the table in packages/server/src/options by packages/server/scripts/write-configuration.ts. Do not edit. -->

Every option can be set in \`tidegate.yaml\`, by a variable and, but for secrets, by a flag. A flag wins over a variable, a
variable over the file, the file over the default. \`tidegate config\` prints what is in force and where it came from. The rules
are in [spec/options.md](spec/options.md).

The file is the one that \`--config\` or \`TIDEGATE_CONFIG\` names, else \`tidegate.yaml\` in the working directory. Paths in it are
relative to the working directory.

\`\`\`yaml
http:
  port: 8080
namespaces:
  chat:
    history:
      size: 500
      age: 7d
\`\`\`

- A **duration** is a number with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`: \`500ms\`, \`25s\`, \`24h\`. \`0\` needs no unit.
- A **size** is a number with \`B\`, \`KB\`, \`MB\`, \`GB\` or \`TB\`; 1 KB is 1,024 bytes, and \`KiB\` is the same.
- A **list** is a YAML list, or text with commas: \`a,b\`.
- A **pattern** is a topic or filter with \`+\` and \`#\`, in which \`{user}\` stands for the user's id. Put it in quotes: YAML takes
  \`#\` for a comment.
- **auth.keys** is a list of maps: \`name\`, \`hash\` (SHA-256 of the key in hexadecimal) or, for development, \`key\` (the key itself, from
  \`tg_\` on), \`publish\` and \`subscribe\` (lists of patterns, without \`{user}\`), \`admin\` (\`true\` for the server's own commands).
- **auth.users** is a list of maps: \`name\` (the user id), \`hash\` (of the password, from \`tidegate password\`, \`mosquitto_passwd\` or
  \`htpasswd -B\`), \`publish\` and \`subscribe\` (lists of patterns on top of those of all users), \`admin\`, and \`since\` (when the password was set:
  a revocation of the user from before does not concern it).
- A secret in a file of its own: add \`_FILE\` to its variable (\`TIDEGATE_AUTH_JWT_SECRET_FILE=/run/secrets/jwt\`).
`;

const NAMESPACES = `## namespaces

The first level of a topic names its namespace. What stands below \`namespaces.<name>\` is for that one, what stands below
\`${DEFAULTS_GROUP}\` for all that do not say otherwise. Both take the same options. A namespace has no variables and flags of its own;
\`TIDEGATE_NAMESPACES\` takes the whole group as YAML or JSON.
`;

type Named = readonly [name: string, spec: OptionSpec];

function table(options: readonly Named[], prefix?: string): string {
  const rows = options.map((option) => row(option, prefix));
  return `| option | default | allowed | what |\n|---|---|---|---|\n${rows.join("")}`;
}

function row([name, spec]: Named, prefix: string | undefined): string {
  const full = prefix === undefined ? name : `${prefix}.${name}`;
  const flag = spec.secret === true ? "" : `<br>\`--${flagOf(full)}\``;
  const cells = [`\`${name}\`<br>\`${variableOf(full)}\`${flag}`, defaultCell(spec), allowedCell(spec), spec.about];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}

function defaultCell(spec: OptionSpec): string {
  const text = printDefault(spec);
  return text === "" || spec.derived !== undefined ? text : `\`${text}\``;
}

const ITEMS = {
  pattern: "patterns",
  origin: "origins",
  text: "texts",
  choice: "choices",
  server: "URLs, each `nats://` or `tls://`",
  monitor: "URLs",
} as const;

function allowedCell(spec: OptionSpec): string {
  switch (spec.kind) {
    case "integer":
      return `${spec.min} to ${spec.max}${spec.unit === undefined ? "" : ` ${spec.unit}`}`;
    case "duration":
    case "size":
      return `${spec.kind}, ${spec.min} to ${spec.max}`;
    case "choice":
      return spec.choices.map((choice) => `\`${choice}\``).join(", ");
    case "boolean":
      return "`true`, `false`";
    case "list":
      return spec.choices === undefined ? `list of ${ITEMS[spec.items]}` : spec.choices.join(", ");
    case "text":
      return `${spec.form ?? "text"}${spec.minChars === undefined ? "" : `, at least ${spec.minChars} characters`}`;
    case "keys":
    case "users":
      return `list of ${spec.kind}`;
  }
}
