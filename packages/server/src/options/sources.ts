import { readFileSync } from "node:fs";
import { flatten, flattenNamespaces, type Entry, type Flat } from "./flatten.ts";
import { keyLines } from "./lines.ts";
import { attributeOf, flagNames, flagOf, NAMESPACES_VARIABLE, optionOf, TOOL_VARIABLES, variableOf } from "./names.ts";
import { nearestHint } from "./nearest.ts";
import { NAMESPACES_GROUP, OPTIONS, SHORTHANDS } from "./table.ts";

/** A raw value and where it stands. */
export interface Placed extends Entry {
  readonly origin: Origin;
}

export interface Origin {
  readonly source: "default" | "file" | "environment" | "flag";
  /** `tidegate.yaml:12`, `TIDEGATE_HTTP_PORT`, `--http-port`; empty for a default. */
  readonly place: string;
}

export interface Source {
  readonly values: readonly Placed[];
  readonly namespaces: readonly string[];
  /** Whole sentences with their place. */
  readonly faults: readonly string[];
}

const EMPTY: Source = { values: [], namespaces: [], faults: [] };

export type Environment = Readonly<Record<string, string | undefined>>;
export type Flags = Readonly<Record<string, unknown>>;

export function fromFile(file: string | undefined): Source {
  if (file === undefined) return EMPTY;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return { ...EMPTY, faults: [`${file}: cannot be read: ${reason(error)}`] };
  }
  return fromText(text, file);
}

/** `name` stands in messages for the text. */
export function fromText(text: string, name: string): Source {
  const tree = parse(text, name);
  if (typeof tree === "string") return { ...EMPTY, faults: [tree] };
  const lineOf = keyLines(text);
  const placeOf = (path: string): string => {
    const line = lineOf(path);
    return line === undefined ? name : `${name}:${line}`;
  };
  return place(flatten(tree.value), "file", placeOf);
}

/** Variables that begin with TIDEGATE_ are the server's, but for what container platforms add (`TIDEGATE_PORT=tcp://…`). */
export function fromEnvironment(env: Environment): Source {
  const names = new Map([...SHORTHANDS.keys(), ...OPTIONS.keys()].map((name) => [variableOf(name), name]));
  const sources: Source[] = [];
  for (const [variable, raw] of Object.entries(env)) {
    if (!variable.startsWith("TIDEGATE_") || raw === undefined || isForeign(variable, raw)) continue;
    const name = names.get(variable);
    if (name !== undefined)
      sources.push(
        single({ name: optionOf(name), namespace: undefined, raw }, { source: "environment", place: variable }),
      );
    else if (variable === NAMESPACES_VARIABLE) sources.push(fromNamespacesVariable(raw));
    else if (isSecretFile(variable, names)) sources.push(fromSecretFile(variable, { file: raw, names }));
    else sources.push(unknown(`${variable}: unknown variable${nearestHint(variable, names.keys())}`));
  }
  return joinSources(sources);
}

/** Flags by the names that commander gives them (`httpPort`). */
export function fromFlags(flags: Flags): Source {
  const names = new Map(flagNames().map((name) => [attributeOf(name), name]));
  const sources: Source[] = [];
  for (const [attribute, raw] of Object.entries(flags)) {
    const name = names.get(attribute);
    if (raw === undefined) continue;
    if (name !== undefined)
      sources.push(
        single({ name: optionOf(name), namespace: undefined, raw }, { source: "flag", place: `--${flagOf(name)}` }),
      );
    else
      sources.push(
        unknown(
          `--${flagOf(attribute)}: unknown flag${nearestHint(
            `--${flagOf(attribute)}`,
            flagNames().map((name) => `--${flagOf(name)}`),
          )}`,
        ),
      );
  }
  return joinSources(sources);
}

export function joinSources(sources: readonly Source[]): Source {
  return {
    values: sources.flatMap(({ values }) => values),
    namespaces: sources.flatMap(({ namespaces }) => namespaces),
    faults: sources.flatMap(({ faults }) => faults),
  };
}

/** `TIDEGATE_AUTH_JWT_SECRET_FILE`: how container platforms hand over secrets. */
function isSecretFile(variable: string, names: Names): boolean {
  const name = variable.endsWith(FILE_SUFFIX) ? names.get(variable.slice(0, -FILE_SUFFIX.length)) : undefined;
  return name !== undefined && OPTIONS.get(name)?.secret === true;
}

function fromSecretFile(variable: string, { file, names }: { file: string; names: Names }): Source {
  const name = names.get(variable.slice(0, -FILE_SUFFIX.length)) ?? "";
  try {
    // Editors and `echo` end a file with a newline, which is no part of the secret.
    const raw = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    return single({ name, namespace: undefined, raw }, { source: "environment", place: variable });
  } catch (error) {
    return unknown(`${variable}: cannot be read: ${reason(error)}`);
  }
}

const FILE_SUFFIX = "_FILE";

/** Variables' names and the options that they set. */
type Names = ReadonlyMap<string, string>;

function fromNamespacesVariable(raw: string): Source {
  const tree = parse(raw, NAMESPACES_VARIABLE);
  if (typeof tree === "string") return unknown(tree);
  return place(flattenNamespaces(tree.value), "environment", () => NAMESPACES_VARIABLE);
}

function place(flat: Flat, source: Origin["source"], placeOf: (path: string) => string): Source {
  return {
    values: flat.entries.map((entry) => ({ ...entry, origin: { source, place: placeOf(pathOf(entry)) } })),
    namespaces: flat.namespaces,
    faults: flat.faults.map(({ path, message }) =>
      path === "" ? `${placeOf(path)}: ${message}` : `${placeOf(path)}: ${path}: ${message}`,
    ),
  };
}

/** The full name of an entry, as it is shown. */
export function pathOf({ name, namespace }: Pick<Entry, "name" | "namespace">): string {
  return namespace === undefined ? name : `${NAMESPACES_GROUP}.${namespace}.${name}`;
}

function parse(text: string, name: string): { readonly value: unknown } | string {
  try {
    return { value: Bun.YAML.parse(text) };
  } catch (error) {
    return `${name}: is not YAML: ${reason(error).replace(/^YAML Parse error: /, "")}`;
  }
}

function single(entry: Entry, origin: Origin): Source {
  return { ...EMPTY, values: [{ ...entry, origin }] };
}

function unknown(fault: string): Source {
  return { ...EMPTY, faults: [fault] };
}

/** Kubernetes sets such variables for a service with the name `tidegate`. */
function isForeign(variable: string, raw: string): boolean {
  if ((TOOL_VARIABLES as readonly string[]).includes(variable)) return true;
  return /^(tcp|udp|sctp):\/\//.test(raw) || /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(variable);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
