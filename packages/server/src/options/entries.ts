import { Fault } from "./fault.ts";
import { patternFault } from "./items.ts";

/** What a list of named maps is, for its faults. */
export interface EntryKind<T> {
  /** `key`; its plural is made with an s. */
  readonly noun: string;
  /** What every entry must have, in words. */
  readonly needs: string;
  readonly read: (fields: ReadonlyMap<string, unknown>) => T | Fault;
}

const MAX_ENTRIES = 10_000;

/** Reads a list of maps with names of their own, or the same as YAML or JSON text. */
export function readEntries<T extends { readonly name: string }>(
  raw: unknown,
  kind: EntryKind<T>,
): readonly T[] | Fault {
  const { noun, needs } = kind;
  const list = typeof raw === "string" ? parseText(raw) : raw;
  if (!Array.isArray(list)) return new Fault(`must be a list of ${noun}s, each with ${needs}`);
  if (list.length > MAX_ENTRIES) return new Fault(`must have at most ${MAX_ENTRIES} ${noun}s`);
  const entries = new Map<string, T>();
  for (const [i, item] of (list as readonly unknown[]).entries()) {
    const entry = readEntry(item, kind);
    if (entry instanceof Fault) return new Fault(`${noun} ${i + 1}: ${entry.message}`);
    if (entries.has(entry.name)) return new Fault(`${noun} ${i + 1}: the name "${entry.name}" is taken`);
    entries.set(entry.name, entry);
  }
  return [...entries.values()];
}

function parseText(text: string): unknown {
  try {
    return Bun.YAML.parse(text);
  } catch {
    return undefined;
  }
}

function readEntry<T>(item: unknown, { needs, read }: EntryKind<T>): T | Fault {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return new Fault(`must be a map with ${needs}`);
  return read(new Map(Object.entries(item)));
}

/** @param pattern - what else is wrong with a pattern, beyond its form */
export function readPatterns(
  field: string,
  raw: unknown,
  fault: (pattern: string) => string | undefined = () => undefined,
): readonly string[] | Fault {
  if (!Array.isArray(raw) || raw.length > 1000) return new Fault(`${field} must be a list of topic patterns`);
  for (const pattern of raw as readonly unknown[]) {
    if (typeof pattern !== "string") return new Fault(`${field} must be a list of topic patterns`);
    const wrong = fault(pattern) ?? patternFault(pattern);
    if (wrong !== undefined) return new Fault(`${field}: ${wrong}`);
  }
  return raw as readonly string[];
}
