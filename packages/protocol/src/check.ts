import { InvalidInput } from "./error.ts";
import { LIMITS } from "./limits.ts";
import { PRIORITIES, type Position, type Priority } from "./message.ts";
import { shown, suggestion } from "./suggest.ts";
import { filterFault, topicFault } from "./topic.ts";

/**
 * Checks of single fields, shared by all codecs so that the same fault reads the same everywhere. Each takes the value
 * and its path (`publish.topic`) and throws InvalidInput (`invalid_argument`) with "path: fault".
 */

/** The fields of a command as they came in, not yet checked. */
export type Raw = Readonly<Record<string, unknown>>;

export function wrong(path: string, fault: string): never {
  throw new InvalidInput("invalid_argument", `${path}: ${fault}`);
}

function typeFault(value: unknown, want: string): string {
  if (value === undefined) return "it is missing";
  return `it must be ${want}, not ${value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`}`;
}

export function isRaw(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function object(value: unknown, path: string): Raw {
  return isRaw(value) ? value : wrong(path, typeFault(value, "an object"));
}

/** Any text that UTF-8 can carry: half of a surrogate pair would change on its way through bytes. */
export function text(value: unknown, path: string): string {
  if (typeof value !== "string") return wrong(path, typeFault(value, "text"));
  return value.isWellFormed() ? value : wrong(path, "it is not valid Unicode");
}

/** Text of 1 to `max` UTF-16 units. */
export function name(value: unknown, path: string, max: number): string {
  const checked = text(value, path);
  if (checked.length === 0) wrong(path, "it is empty");
  return checked.length <= max
    ? checked
    : wrong(path, `it has ${checked.length} characters; at most ${max} are allowed`);
}

export function optionalName(value: unknown, path: string, max: number): string | undefined {
  return value === undefined ? undefined : name(value, path, max);
}

export function flag(value: unknown, path: string): boolean {
  if (value === undefined) return false;
  return typeof value === "boolean" ? value : wrong(path, typeFault(value, "true or false"));
}

export function integer(value: unknown, path: string, min: number, max: number): number {
  if (typeof value !== "number") return wrong(path, typeFault(value, "a whole number"));
  const fits = Number.isSafeInteger(value) && value >= min && value <= max;
  return fits ? value : wrong(path, `it must be a whole number from ${min} to ${max}`);
}

export function optionalInteger(value: unknown, path: string, min: number, max: number): number | undefined {
  return value === undefined ? undefined : integer(value, path, min, max);
}

export function topic(value: unknown, path: string): string {
  const checked = text(value, path);
  const fault = topicFault(checked);
  return fault === undefined ? checked : wrong(path, fault);
}

export function filter(value: unknown, path: string): string {
  const checked = text(value, path);
  const fault = filterFault(checked);
  return fault === undefined ? checked : wrong(path, fault);
}

export function position(value: unknown, path: string): Position | undefined {
  if (value === undefined) return undefined;
  const raw = object(value, path);
  fields(raw, path, ["epoch", "offset"]);
  return {
    epoch: name(raw["epoch"], `${path}.epoch`, LIMITS.epochChars),
    offset: integer(raw["offset"], `${path}.offset`, 0, Number.MAX_SAFE_INTEGER),
  };
}

export function priority(value: unknown, path: string): Priority {
  if (value === undefined || value === "normal") return 1;
  if (value === "high") return 2;
  return value === "low" ? 0 : wrong(path, `it must be one of ${PRIORITIES.join(", ")}`);
}

export function headers(value: unknown, path: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return undefined;
  const raw = object(value, path);
  const names = Object.keys(raw);
  if (names.length > LIMITS.headers)
    wrong(path, `it has ${names.length} headers; at most ${LIMITS.headers} are allowed`);
  for (const key of names) header(key, raw[key], path);
  return names.length === 0 ? undefined : (raw as Readonly<Record<string, string>>);
}

function header(key: string, value: unknown, path: string): void {
  name(key, `${path}: the name ${shown(key)}`, LIMITS.headerNameChars);
  // The name would be the prototype in many a client.
  if (key === "__proto__") wrong(path, "no header is named __proto__");
  const checked = text(value, `${path}: ${shown(key)}`);
  if (checked.length <= LIMITS.headerValueChars) return;
  wrong(
    `${path}: ${shown(key)}`,
    `it has ${checked.length} characters; at most ${LIMITS.headerValueChars} are allowed`,
  );
}

/** Refuses fields that the command does not have. */
export function fields(raw: Raw, path: string, known: readonly string[]): void {
  for (const key in raw) {
    if (!known.includes(key)) wrong(path, `unknown field ${shown(key)}; ${suggestion(key, known)}`);
  }
}
