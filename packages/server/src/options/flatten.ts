import { nearest } from "./nearest.ts";
import { show } from "./read.ts";
import { namespaceFault } from "./namespace-name.ts";
import { NAMESPACE_TABLE, NAMESPACES_GROUP, OPTIONS, SHORTHANDS } from "./table.ts";

/** One raw value that was found, not read yet. */
export interface Entry {
  /** Name in its table: `http.port`, or `history.size` for one of a namespace. */
  readonly name: string;
  readonly namespace: string | undefined;
  readonly raw: unknown;
}

/** What a tree holds, and what it should not. Paths are those of the tree. */
export interface Flat {
  readonly entries: readonly Entry[];
  /** Names of listed namespaces: one may be listed without a setting of its own. */
  readonly namespaces: readonly string[];
  readonly faults: readonly { readonly path: string; readonly message: string }[];
}

/**
 * Walks the tree of a file along the table. It goes no deeper than the table does, so that no anchor or alias of YAML
 * can make it long.
 */
export function flatten(tree: unknown): Flat {
  const walk = new Walk();
  walk.group(tree, { path: "", prefix: "", table: OPTIONS, namespace: undefined });
  return walk;
}

/** Walks only what stands below `namespaces`. */
export function flattenNamespaces(tree: unknown): Flat {
  const walk = new Walk();
  walk.namespaceGroup(tree);
  return walk;
}

interface Place {
  /** As shown to people. */
  readonly path: string;
  /** Within the table; ends with a dot unless empty. */
  readonly prefix: string;
  readonly table: ReadonlyMap<string, unknown>;
  readonly namespace: string | undefined;
}

class Walk implements Flat {
  readonly entries: Entry[] = [];
  readonly namespaces: string[] = [];
  readonly faults: { path: string; message: string }[] = [];

  group(tree: unknown, place: Place): void {
    for (const [key, raw] of this.#fields(tree, place.path)) this.#field(key, raw, place);
  }

  namespaceGroup(tree: unknown): void {
    for (const [name, settings] of this.#fields(tree, NAMESPACES_GROUP)) {
      const path = `${NAMESPACES_GROUP}.${name}`;
      const fault = namespaceFault(name);
      if (fault !== undefined) {
        this.faults.push({ path: NAMESPACES_GROUP, message: fault });
        continue;
      }
      this.namespaces.push(name);
      this.group(settings, { path, prefix: "", table: NAMESPACE_TABLE, namespace: name });
    }
  }

  #field(key: string, raw: unknown, place: Place): void {
    const path = place.path === "" ? key : `${place.path}.${key}`;
    const name = place.prefix + key;
    const short = place.table === OPTIONS && !isMap(raw) ? SHORTHANDS.get(name) : undefined;
    if (place.table.has(name)) this.#leaf(name, raw, place);
    else if (short !== undefined) this.#leaf(short, raw, place);
    else if (path === NAMESPACES_GROUP) this.namespaceGroup(raw);
    else if (isGroup(place.table, name)) this.group(raw, { ...place, path, prefix: `${name}.` });
    else this.#unknown(key, place);
  }

  /** A key without a value counts as absent: YAML with all its lines commented out is no mistake. */
  #leaf(name: string, raw: unknown, { namespace }: Place): void {
    if (raw !== null && raw !== undefined) this.entries.push({ name, namespace, raw });
  }

  #unknown(key: string, place: Place): void {
    const known = keysBelow(place.table, place.prefix);
    if (place.path === "") known.push(NAMESPACES_GROUP);
    const near = nearest(key, known);
    const hint = near === undefined ? `known here: ${known.join(", ")}` : `did you mean "${near}"?`;
    const path = place.path === "" ? shorten(key) : `${place.path}.${shorten(key)}`;
    this.faults.push({ path, message: `unknown key (${hint})` });
  }

  #fields(tree: unknown, path: string): [string, unknown][] {
    if (tree === null || tree === undefined) return [];
    if (typeof tree === "object" && !Array.isArray(tree)) return Object.entries(tree);
    this.faults.push({ path, message: `must be a map of keys, not ${show(tree)}` });
    return [];
  }
}

function isMap(raw: unknown): boolean {
  return typeof raw === "object" && !Array.isArray(raw);
}

function isGroup(table: ReadonlyMap<string, unknown>, name: string): boolean {
  return table.keys().some((known) => known.startsWith(`${name}.`));
}

function keysBelow(table: ReadonlyMap<string, unknown>, prefix: string): string[] {
  const below = [...table.keys()].filter((name) => name.startsWith(prefix));
  return [...new Set(below.map((name) => name.slice(prefix.length).split(".", 1).join("")))];
}

function shorten(key: string): string {
  return key.length > 60 ? `${key.slice(0, 57)}…` : key;
}
