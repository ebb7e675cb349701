import { type FlagSpec, flagSpecs } from "@tidegate/server";
import { type Command, Help, Option } from "commander";

export const CONFIG_FLAG = [
  "--config <file>",
  "configuration file (default: TIDEGATE_CONFIG, else ./tidegate.yaml)",
] as const;

/** All options of the server as flags. Call it before subcommands are made, and `leaveOut` for commands with a usual help. */
export function addServerFlags(command: Command): void {
  for (const { flags, description } of flagSpecs()) command.addOption(new Option(flags, description));
}

/** The server's flags stay out of the help, which would be a wall; hidden ones would not be suggested to who misspells one. */
export function leaveOutServerFlags(command: Command): void {
  const attributes = new Set(flagSpecs().map(({ attribute }) => attribute));
  command.configureHelp({
    formatHelp(this: void, shown, helper) {
      const visible = helper.visibleOptions.bind(helper);
      helper.visibleOptions = (of) => visible(of).filter((option) => !attributes.has(option.attributeName()));
      return Help.prototype.formatHelp.call(helper, shown, helper);
    },
  });
}

/** The flags that most people look for, then the names of the others by group. */
export function serveHelp(): string {
  const specs = flagSpecs();
  const common = specs.filter(({ attribute }) => COMMON.includes(attribute));
  // A shorthand stands among the common ones.
  const groups = [
    ...Map.groupBy(
      specs.filter(({ attribute }) => attribute !== "log"),
      ({ group }) => group,
    ),
  ];
  const width = Math.max(...groups.map(([group]) => title(group).length));
  const lines = groups.map(
    ([group, flags]) => `  ${title(group).padEnd(width)}  ${wrapped(namesOf(flags), width + 4)}\n`,
  );
  return `${HEAD}${rowsText([...GENERAL, ...common.map(row).map(narrow)])}\nAll options by group; "tidegate serve --help-all" says what each does\n${lines.join("")}${FOOT}`;
}

/** One line for each option, in groups; the columns fit each group, not the longest name of all. */
export function serveHelpAll(): string {
  const groups = [...Map.groupBy(flagSpecs(), ({ group }) => group)];
  const texts = groups.map(([group, flags]) => `\n${title(group)}\n${rowsText(flags.map(row))}`);
  return HEAD + rowsText(GENERAL) + texts.join("") + FOOT;
}

type Row = readonly [flag: string, about: string];

function rowsText(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return rows.map(([flag, about]) => `  ${flag.padEnd(width)}  ${about}\n`).join("");
}

function row({ flags, description }: FlagSpec): Row {
  return [short(flags), description.replace(/ \(\[\]\)$/, "")];
}

/** What the value looks like gives way to a column of a fair width. */
function narrow([flag, about]: Row): Row {
  return [flag.length > 34 ? flag.replace(/ <.*/, "") : flag, about];
}

/** A form longer than the name (the list of all levels) would push the whole group aside. */
function short(flags: string): string {
  return flags.replace(/[<[]([^\]>]{22,})[\]>]$/, (_, form: string) => `<${form.slice(0, form.indexOf("|", 12))}|…>`);
}

/** `--http-*: host, port, max-body`; a flag that is alone stands as it is. */
function namesOf(flags: readonly FlagSpec[]): string {
  const names = flags.map(({ flags: text }) => text.split(" ", 1).join(""));
  const [first = ""] = names;
  if (names.length === 1) return first;
  const prefix = first.slice(0, first.lastIndexOf("-", commonLength(names)) + 1);
  return `${prefix}*: ${names.map((name) => name.slice(prefix.length)).join(", ")}`;
}

function commonLength(names: readonly string[]): number {
  const [first = ""] = names;
  return Array.from(first).findIndex((char, i) => names.some((name) => name[i] !== char));
}

/** Breaks at commas; what follows begins below the first line's text. */
function wrapped(text: string, indent: number): string {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)}${word} `;
    if (indent + line.length <= WIDTH) lines[lines.length - 1] = line;
    else lines.push(`${word} `);
  }
  return lines.map((line) => line.trimEnd()).join(`\n${" ".repeat(indent)}`);
}

const WIDTH = 112;

function title(group: string): string {
  return TITLES.get(group) ?? group;
}

const COMMON = [
  "dataDir",
  "log",
  "httpHost",
  "httpPort",
  "httpTlsCert",
  "httpTlsKey",
  "httpAllowedOrigins",
  "connectionsMax",
  "observeLogLevel",
  "namespaceDefaultsDurability",
  "namespaceDefaultsHistorySize",
  "namespaceDefaultsHistoryAge",
];

const TITLES = new Map([
  ["data", "Storage"],
  ["log", "Message log"],
  ["cluster", "Cluster"],
  ["mqtt", "MQTT"],
  ["http", "HTTP port"],
  ["websocket", "WebSocket"],
  ["heartbeat", "Heartbeat"],
  ["connections", "Connections"],
  ["drain", "Stopping"],
  ["delivery", "Delivery"],
  ["observe", "Logs, metrics"],
  ["strictNamespaces", "Namespaces"],
  ["auth", "Who may connect"],
  ["namespaceDefaults", "Topics"],
]);

const GENERAL: readonly Row[] = [
  CONFIG_FLAG,
  ["-h, --help", "print the most used options"],
  ["--help-all", "print every option"],
];

const HEAD = `Usage: tidegate serve [options]

Starts the server. Without options it listens on http://127.0.0.1:8080 and keeps its data in ./data.

  tidegate serve --http-port 9000
  TIDEGATE_HTTP_PORT=9000 tidegate serve
  tidegate serve --config /etc/tidegate.yaml

`;

const FOOT = `
Every option can stand in tidegate.yaml (http.port) or be a variable (TIDEGATE_HTTP_PORT). A flag wins over a variable,
a variable over the file. Secrets and the settings of single namespaces have no flags.
"tidegate config init" writes a file to begin with, "tidegate config" prints what is in force.
`;
