import type { BooleanSpec, ChoiceSpec, IntegerSpec, ListSpec, OptionSpec, TextSpec } from "./spec.ts";
import { Fault } from "./fault.ts";
import { itemFault } from "./items.ts";
import { readKeys } from "./keys.ts";
import { readUsers } from "./users.ts";
import { parseDuration, parseSize } from "./units.ts";

/** A value as the program uses it. */
export type OptionValue = unknown;

/**
 * Turns what stands in a file, a variable or a flag into the option's value. A list may be text with commas, so that
 * every option fits into a variable.
 *
 * @returns a `Fault` that says what is allowed, to be put after the place
 */
export function readValue(spec: OptionSpec, raw: unknown): OptionValue | Fault {
  switch (spec.kind) {
    case "integer":
      return readInteger(spec, raw);
    case "duration":
      return readUnit(raw, { ...spec, parse: parseDuration, example: "a duration such as 500ms, 25s, 2m, 24h or 7d" });
    case "size":
      return readUnit(raw, { ...spec, parse: parseSize, example: "a size such as 512B, 64KB, 1MB or 2GB" });
    case "boolean":
      return readBoolean(spec, raw);
    case "text":
      return readText(spec, raw);
    case "choice":
      return readChoice(spec, raw);
    case "list":
      return readList(spec, raw);
    case "keys":
      return readKeys(raw);
    case "users":
      return readUsers(raw);
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

function readInteger({ min, max, unit }: IntegerSpec, raw: unknown): number | Fault {
  const value = typeof raw === "string" && /^-?\d{1,15}$/.test(raw) ? Number(raw) : raw;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  const what = unit === undefined ? "" : ` of ${unit}`;
  return new Fault(`must be a whole number${what} from ${min} to ${max}, not ${show(raw)}`);
}

interface UnitReader {
  readonly min: string;
  readonly max: string;
  readonly example: string;
  readonly parse: (text: string) => number | undefined;
}

function readUnit(raw: unknown, { min, max, example, parse }: UnitReader): number | Fault {
  const value = typeof raw === "string" || raw === 0 ? parse(String(raw)) : undefined;
  const inside = value !== undefined && value >= (parse(min) ?? 0) && value <= (parse(max) ?? Infinity);
  return inside ? value : new Fault(`must be ${example}, from ${min} to ${max}, not ${show(raw)}`);
}

function readBoolean(_spec: BooleanSpec, raw: unknown): boolean | Fault {
  if (raw === true || raw === "true") return true;
  if (raw === false || raw === "false") return false;
  return new Fault(`must be true or false, not ${show(raw)}`);
}

function readText({ secret, minChars = 1 }: TextSpec, raw: unknown): string | Fault {
  const shown = secret ? "something else" : show(raw);
  if (typeof raw !== "string") return new Fault(`must be text (put it in quotes), not ${shown}`);
  if (raw.length >= minChars) return raw;
  return new Fault(minChars === 1 ? "must not be empty" : `must have at least ${minChars} characters`);
}

function readChoice({ choices }: ChoiceSpec, raw: unknown): string | Fault {
  if (typeof raw === "string" && choices.includes(raw)) return raw;
  return new Fault(`must be one of ${choices.join(", ")}, not ${show(raw)}`);
}

function readList(spec: ListSpec, raw: unknown): readonly string[] | Fault {
  const items = typeof raw === "string" ? splitList(raw) : raw;
  if (!Array.isArray(items)) return new Fault(`must be a list, not ${show(raw)}`);
  if (items.length > MAX_ITEMS) return new Fault(`must have at most ${MAX_ITEMS} entries, not ${items.length}`);
  const texts: string[] = [];
  for (const item of items as readonly unknown[]) {
    const fault =
      typeof item === "string" ? itemFault(spec, item) : `an entry must be text (put it in quotes), not ${show(item)}`;
    if (fault !== undefined) return new Fault(fault);
    texts.push(item as string);
  }
  return texts;
}

/** Every entry is compared with, for each new permission: more than this is a mistake. */
const MAX_ITEMS = 1000;

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
