import { withoutUser } from "./server-url.ts";
import type { OptionSpec } from "./spec.ts";
import { formatDuration, formatSize } from "./units.ts";

/** A value as it would be written in tidegate.yaml; a secret that is set, as `(set)`. */
export function printValue(spec: OptionSpec, value: unknown): string {
  if (value === undefined) return "(not set)";
  if (spec.kind === "keys") return printKeys(value as readonly { readonly name: string }[]);
  if (spec.kind === "users") return printUsers(value as readonly unknown[]);
  if (spec.secret === true) return "(set)";
  if (spec.kind === "duration") return formatDuration(value as number);
  if (spec.kind === "size") return formatSize(value as number);
  if (spec.kind === "list" && spec.items === "server") return printList((value as readonly string[]).map(withoutUser));
  if (Array.isArray(value)) return printList(value);
  return String(value as number | boolean | string);
}

function printList(items: readonly unknown[]): string {
  return items.length === 0 ? "[]" : `[${items.map((item) => quote(String(item))).join(", ")}]`;
}

/** The default for documentation: its text, or what it follows from. */
export function printDefault(spec: OptionSpec): string {
  if (spec.derived !== undefined) return spec.derived;
  if (spec.default === undefined) return "";
  return Array.isArray(spec.default)
    ? `[${spec.default.map((item) => quote(String(item))).join(", ")}]`
    : String(spec.default);
}

/** What may be written, for the help: `number`, `25s`, `a,b`. */
export function printForm(spec: OptionSpec): string {
  switch (spec.kind) {
    case "integer":
      return spec.unit ?? "number";
    case "text":
      return spec.form ?? "text";
    case "choice":
      return spec.choices.join("|");
    case "list":
      return `${spec.items === "choice" ? "name" : spec.items},…`;
    case "boolean":
      return "true|false";
    case "duration":
    case "size":
    case "keys":
    case "users":
      return spec.kind;
  }
}

/** Names of API keys are no secret, and tell which ones are there. */
function printKeys(keys: readonly { readonly name: string }[]): string {
  return keys.length === 0 ? "[]" : `(set: ${keys.map(({ name }) => name).join(", ")})`;
}

/** Their names may be people's, and thousands. */
function printUsers({ length }: readonly unknown[]): string {
  return length === 0 ? "[]" : `(set: ${length} ${length === 1 ? "user" : "users"})`;
}

/** YAML reads a bare # or * in another way. */
function quote(text: string): string {
  return JSON.stringify(text);
}
