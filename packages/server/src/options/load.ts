import { crossFaults } from "./checks.ts";
import { DERIVED } from "./derive.ts";
import { Fault, OptionsError } from "./fault.ts";
import { nest } from "./nest.ts";
import { readValue } from "./read.ts";
import {
  fromEnvironment,
  fromFile,
  fromFlags,
  joinSources,
  pathOf,
  type Environment,
  type Flags,
  type Origin,
  type Placed,
} from "./sources.ts";
import { DEFAULTS_GROUP, NAMESPACE_TABLE, OPTIONS, type NamespaceSettings, type Options } from "./table.ts";

export interface LoadInput {
  /** Path of tidegate.yaml; undefined for none. See `configFile`. */
  readonly file?: string | undefined;
  readonly env: Environment;
  /** As commander gives them: `httpPort`. */
  readonly flags: Flags;
}

/** The options, and for each value in force where it came from. */
export interface Loaded {
  readonly options: Options;
  readonly rows: readonly Row[];
}

/** One value in force. */
export interface Row {
  /** Full name: `http.port`, `namespaces.chat.history.size`. */
  readonly path: string;
  /** Its name in the table. */
  readonly name: string;
  readonly namespace: string | undefined;
  readonly value: unknown;
  readonly origin: Origin;
}

/**
 * Reads all sources: a flag wins over the environment, that over the file, that over the default.
 *
 * @throws OptionsError with every fault of every source
 */
export function loadOptions(input: LoadInput): Options {
  return loadWithOrigins(input).options;
}

/** As `loadOptions`, with the origins that `describe` prints. */
export function loadWithOrigins({ file, env, flags }: LoadInput): Loaded {
  // Later ones win.
  const source = joinSources([fromFile(file), fromEnvironment(env), fromFlags(flags)]);
  const faults = [...source.faults];
  const found = readAll(source.values, faults);
  const server = serverRows(found);
  if (faults.length === 0) faults.push(...crossFaults(valuesOf(server)));
  if (faults.length > 0) throw new OptionsError(faults);
  return assemble(server, new Set(source.namespaces), found);
}

type Found = Map<string, Row>;

function readAll(values: readonly Placed[], faults: string[]): Found {
  const found: Found = new Map();
  for (const { name, namespace, raw, origin } of values) {
    const spec = (namespace === undefined ? OPTIONS : NAMESPACE_TABLE).get(name);
    if (spec === undefined) continue;
    const path = pathOf({ name, namespace });
    const value = readValue(spec, raw);
    if (value instanceof Fault) faults.push(`${where(origin, path)}: ${value.message}`);
    else found.set(path, { path, name, namespace, value, origin });
  }
  return found;
}

/** A variable's or a flag's name is the place and the option in one; in a file both are needed. */
function where(origin: Origin, path: string): string {
  return origin.source === "file" || path.startsWith("namespaces.") ? `${origin.place}: ${path}` : origin.place;
}

const DEFAULT: Origin = { source: "default", place: "" };

function serverRows(found: Found): Row[] {
  const rows = [...OPTIONS].map(([name, spec]): Row => {
    const preset = spec.default === undefined ? undefined : readValue(spec, spec.default);
    return found.get(name) ?? { path: name, name, namespace: undefined, value: preset, origin: DEFAULT };
  });
  const values = valuesOf(rows);
  return rows.map((row) => (row.value === undefined ? { ...row, value: DERIVED.get(row.name)?.(values) } : row));
}

function assemble(server: readonly Row[], names: ReadonlySet<string>, found: Found): Loaded {
  const defaults = new Map(server.map((row) => [row.path, row]));
  const namespaces = new Map<string, NamespaceSettings>();
  const rows = [...server];
  for (const namespace of names) {
    const own = [...NAMESPACE_TABLE.keys()].map((name): Row => {
      const path = pathOf({ name, namespace });
      return found.get(path) ?? { ...(defaults.get(`${DEFAULTS_GROUP}.${name}`) as Row), path, name, namespace };
    });
    namespaces.set(namespace, nest(own) as NamespaceSettings);
    rows.push(...own);
  }
  const options = Object.freeze({ ...(nest(server) as Omit<Options, "namespaces">), namespaces });
  return { options, rows };
}

function valuesOf(rows: readonly Row[]): ReadonlyMap<string, unknown> {
  return new Map(rows.map(({ name, value }) => [name, value]));
}
