import { suggestion } from "@tidegate/protocol";
import { Fault } from "./fault.ts";
import { readValue, show } from "./read-value.ts";
import type { FieldSpec, FieldTable, GroupField, GroupsField } from "./spec.ts";

/** One thing that is wrong. The path is as in `populations[0].publish.rate`. */
export interface Wrong {
  readonly path: string;
  readonly message: string;
}

type Values = Record<string, unknown>;

/** Lists longer than this are a mistake; YAML's aliases could make one that never ends. */
const MAX_GROUPS = 1000;

/** Reads a map along a table. It goes no deeper than the table. What is wrong goes to `wrongs`. */
export function readTree(table: FieldTable, raw: unknown, path: string, wrongs: Wrong[]): Values {
  const given = mapOf(raw, path, wrongs);
  for (const key of Object.keys(given))
    if (!Object.hasOwn(table, key))
      wrongs.push({
        path: below(path, key.slice(0, 60)),
        message: `unknown key; ${suggestion(key, Object.keys(table))}`,
      });
  const values: Values = {};
  for (const [key, spec] of Object.entries(table)) {
    const value = Object.hasOwn(given, key) ? given[key] : undefined;
    values[key] = readField(spec, value ?? undefined, below(path, key), wrongs);
  }
  return values;
}

function readField(spec: FieldSpec, raw: unknown, path: string, wrongs: Wrong[]): unknown {
  if (raw === undefined) return absent(spec, path, wrongs);
  if (spec.kind === "group") return readTree(spec.fields, raw, path, wrongs);
  if (spec.kind === "groups") return readList(spec, raw, path, wrongs);
  const value = readValue(spec, raw);
  if (!(value instanceof Fault)) return value;
  wrongs.push({ path, message: value.message });
  return undefined;
}

function absent(spec: FieldSpec, path: string, wrongs: Wrong[]): unknown {
  if (spec.required) wrongs.push({ path, message: "is missing" });
  if (spec.kind === "group") return spec.default === undefined ? undefined : readTree(spec.fields, {}, path, wrongs);
  if (spec.default === undefined) return undefined;
  return spec.kind === "groups" ? [] : readValue(spec, spec.default);
}

function readList(spec: GroupsField, raw: unknown, path: string, wrongs: Wrong[]): unknown {
  if (!Array.isArray(raw) || raw.length > MAX_GROUPS || (spec.required && raw.length === 0)) {
    const most = Array.isArray(raw) && raw.length > 0 ? ` of at most ${MAX_GROUPS} entries` : " that is not empty";
    wrongs.push({ path, message: `must be a list${most}` });
    return [];
  }
  return raw.map((entry: unknown, i) => readTree(spec.fields, entry, `${path}[${i}]`, wrongs));
}

function mapOf(raw: unknown, path: string, wrongs: Wrong[]): Values {
  if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) return raw as Values;
  wrongs.push({ path: path === "" ? "the file" : path, message: `must be a map of keys, not ${show(raw)}` });
  return {};
}

function below(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** The part of a table that a path such as `target.urls` or `populations[0].count` names; undefined if there is none. */
export function fieldAt(table: FieldTable, path: string): FieldSpec | undefined {
  const [head = "", ...rest] = path.replaceAll(/\[\d+\]/g, "").split(".");
  const spec = Object.hasOwn(table, head) ? table[head] : undefined;
  if (rest.length === 0 || spec === undefined) return spec;
  return isGroup(spec) ? fieldAt(spec.fields, rest.join(".")) : undefined;
}

function isGroup(spec: FieldSpec): spec is GroupField | GroupsField {
  return spec.kind === "group" || spec.kind === "groups";
}
