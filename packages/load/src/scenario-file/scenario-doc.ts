import { NOTES, HEAD } from "./scenario-doc-text.ts";
import type { FieldSpec, FieldTable, GroupField, GroupsField } from "./spec.ts";
import { SCENARIO } from "./table.ts";

type Named = readonly [key: string, spec: FieldSpec];

/** The whole of docs/load-scenarios.md. */
export function scenarioDoc(): string {
  return [HEAD, ...sectionsOf(SCENARIO, "")].join("\n");
}

/** A table of keys, and one section for each group in it. */
function sectionsOf(fields: FieldTable, path: string): string[] {
  const keys: Named[] = Object.entries(fields);
  const groups = keys.flatMap(([key, spec]) => (isGroup(spec) ? [[below(path, key, spec), spec] as const] : []));
  const title = path === "" ? [] : [`${"#".repeat(Math.min(4, 1 + path.split(".").length))} ${path}\n`];
  const note = NOTES[path];
  return [
    ...title,
    ...(note === undefined ? [] : [`${note}\n`]),
    tableOf(keys, path),
    ...groups.flatMap(([name, spec]) => sectionsOf(spec.fields, name)),
  ];
}

function tableOf(keys: readonly Named[], path: string): string {
  const rows = keys.map(([key, spec]) => {
    const cells = [`\`${key}\``, valueOf(spec, below(path, key, spec)), defaultOf(spec), aboutOf(spec)];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  });
  return `| key | value | default | what |\n|---|---|---|---|\n${rows.join("")}`;
}

function valueOf(spec: FieldSpec, path: string): string {
  switch (spec.kind) {
    case "integer":
      return `${spec.min} to ${spec.max}`;
    case "share":
      return `percentage, up to ${spec.max * 100}%`;
    case "range":
      return `${spec.of}, or range of them`;
    case "amount":
      return "number or percentage";
    case "choice":
      return spec.choices.map((choice) => `\`${choice}\``).join(", ");
    case "boolean":
      return "`true`, `false`";
    case "texts":
      return "text, or list of texts";
    case "map":
      return "map of names and texts";
    case "group":
      return `keys of [${path}](#${anchorOf(path)})`;
    case "groups":
      return `list with keys of [${path}](#${anchorOf(path)})`;
    case "text":
    case "rate":
    case "duration":
      return spec.kind;
  }
}

function defaultOf(spec: FieldSpec): string {
  if (spec.required) return "**required**";
  const { default: value } = spec;
  if (value === undefined || isGroup(spec)) return "";
  if (typeof value === "object") return "none";
  return value === "" ? "" : `\`${String(value)}\``;
}

function aboutOf(spec: FieldSpec): string {
  return spec.kind === "text" && spec.secret ? `${spec.about} Never written into a result.` : spec.about;
}

function isGroup(spec: FieldSpec): spec is GroupField | GroupsField {
  return spec.kind === "group" || spec.kind === "groups";
}

/** `populations[].publish`. */
function below(path: string, key: string, { kind }: FieldSpec): string {
  return `${path === "" ? "" : `${path}.`}${key}${kind === "groups" ? "[]" : ""}`;
}

/** What the hosts of Markdown make of a heading: letters and digits. */
function anchorOf(path: string): string {
  return path.toLowerCase().replaceAll(/[^a-z0-9-]/g, "");
}
