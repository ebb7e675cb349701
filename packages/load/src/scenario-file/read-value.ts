import { nearest } from "@tidegate/protocol";
import { Fault } from "./fault.ts";
import type { Amount, FieldSpec, GroupField, GroupsField, Range } from "./spec.ts";
import { parseDuration, parseRate, parseShare, parseSize } from "./units.ts";

/** A value of a scenario that holds no others. */
export type LeafSpec = Exclude<FieldSpec, GroupField | GroupsField>;

/** Turns what stands in a file or a `--set` into the value; a `Fault` says what is allowed. */
export function readValue(spec: LeafSpec, raw: unknown): unknown {
  switch (spec.kind) {
    case "text":
      return readText(raw);
    case "integer":
      return readInteger(raw, spec.min, spec.max);
    case "rate":
      return readUnit(raw, parseRate, "a rate such as 500/s or 30/m");
    case "duration":
      return readUnit(raw, parseDuration, "a duration such as 500ms, 10s or 2m");
    case "share":
      return readShare(raw, spec.max);
    case "range":
      return spec.of === "size"
        ? readRange(raw, parseSize, "a size such as 100, 2KB or 64..2KB")
        : readRange(raw, parseDuration, "a duration such as 1s or 500ms..2s");
    case "amount":
      return readAmount(raw);
    case "choice":
      return readChoice(raw, spec.choices);
    case "boolean":
      return typeof raw === "boolean" ? raw : readFlag(raw);
    case "texts":
      return readTexts(raw);
    case "map":
      return readMap(raw);
  }
}

/** A raw value in an error message: short, whatever it is. */
export function show(raw: unknown): string {
  if (Array.isArray(raw)) return "a list";
  if (typeof raw === "object" && raw !== null) return "a map";
  if (raw === null || raw === undefined) return "nothing";
  const quoted = typeof raw === "string" ? JSON.stringify(raw) : String(raw as number | boolean);
  return quoted.length > 60 ? `${quoted.slice(0, 57)}…` : quoted;
}

function readText(raw: unknown): string | Fault {
  if (typeof raw === "number") return String(raw);
  return typeof raw === "string" ? raw : new Fault(`must be text (put it in quotes), not ${show(raw)}`);
}

function readInteger(raw: unknown, min: number, max: number): number | Fault {
  const value = typeof raw === "string" && /^\d{1,15}$/.test(raw) ? Number(raw) : raw;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  return new Fault(`must be a whole number from ${min} to ${max}, not ${show(raw)}`);
}

function readUnit(raw: unknown, parse: (text: string) => number | undefined, example: string): number | Fault {
  const value = typeof raw === "string" || typeof raw === "number" ? parse(String(raw)) : undefined;
  return value ?? new Fault(`must be ${example}, not ${show(raw)}`);
}

function readShare(raw: unknown, max: number): number | Fault {
  const value = raw === 0 ? 0 : typeof raw === "string" ? parseShare(raw) : undefined;
  if (value !== undefined && value <= max) return value;
  return new Fault(`must be a percentage from 0% to ${max * 100}%, not ${show(raw)}`);
}

function readRange(raw: unknown, parse: (text: string) => number | undefined, example: string): Range | Fault {
  const [low, high = low, ...more] = typeof raw === "string" || typeof raw === "number" ? String(raw).split("..") : [];
  const min = parse(low ?? "");
  const max = parse(high ?? "");
  const fault = new Fault(`must be ${example}, not ${show(raw)}`);
  return min === undefined || max === undefined || min > max || more.length > 0 ? fault : { min, max };
}

function readAmount(raw: unknown): Amount | Fault {
  const share = typeof raw === "string" ? parseShare(raw) : undefined;
  if (share !== undefined && share <= 1) return { share };
  const count = readInteger(raw, 0, 10_000_000);
  return count instanceof Fault
    ? new Fault(`must be a number or a percentage up to 100%, not ${show(raw)}`)
    : { count };
}

function readChoice(raw: unknown, choices: readonly string[]): string | Fault {
  if (typeof raw === "string" && choices.includes(raw)) return raw;
  const near = typeof raw === "string" ? nearest(raw, choices) : undefined;
  const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
  return new Fault(`must be one of ${choices.join(", ")}, not ${show(raw)}${hint}`);
}

function readFlag(raw: unknown): boolean | Fault {
  if (raw === "true") return true;
  return raw === "false" ? false : new Fault(`must be true or false, not ${show(raw)}`);
}

/** More entries than this are a mistake. */
const MAX_ENTRIES = 10_000;

function readTexts(raw: unknown): readonly string[] | Fault {
  const list: unknown = typeof raw === "string" ? [raw] : raw;
  if (!Array.isArray(list)) return new Fault(`must be a text or a list of texts, not ${show(raw)}`);
  const wrong = list.length > MAX_ENTRIES || list.some((entry) => typeof entry !== "string" || entry === "");
  return wrong ? new Fault("must be a list of texts that are not empty") : (list as readonly string[]);
}

function readMap(raw: unknown): Readonly<Record<string, string>> | Fault {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    return new Fault(`must be a map of names and texts, not ${show(raw)}`);
  const entries = Object.entries(raw);
  const wrong = entries.find(([, value]) => typeof value !== "string" || /[\r\n]/.test(value));
  return wrong === undefined ? Object.fromEntries(entries) : new Fault(`${wrong[0]} must be one line of text`);
}
