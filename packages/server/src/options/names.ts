import { NAMESPACES_GROUP, OPTIONS, SHORTHANDS } from "./table.ts";

/** `http.maxBody` → `TIDEGATE_HTTP_MAX_BODY`. */
export function variableOf(name: string): string {
  return `TIDEGATE_${words(name).join("_").toUpperCase()}`;
}

/** `http.maxBody` → `http-max-body`, to be written with two hyphens before it. */
export function flagOf(name: string): string {
  return words(name).join("-");
}

/** `http.maxBody` → `httpMaxBody`: what commander calls the flag's value. */
export function attributeOf(name: string): string {
  return words(name)
    .map((word, i) => (i === 0 ? word : word.slice(0, 1).toUpperCase() + word.slice(1)))
    .join("");
}

/** Names of the options that can be flags: all but secrets, for command lines can be read by everyone on the machine. */
export function flagNames(): string[] {
  const names = [...OPTIONS].filter(([, { secret }]) => secret !== true).map(([name]) => name);
  return [...names, ...SHORTHANDS.keys()];
}

/** The option that a name stands for, be it a shorthand. */
export function optionOf(name: string): string {
  return SHORTHANDS.get(name) ?? name;
}

/** Variables of the command line tool: `TIDEGATE_CONFIG` names the file, the others are for its clients. */
export const TOOL_VARIABLES = ["TIDEGATE_CONFIG", "TIDEGATE_URL", "TIDEGATE_TOKEN"] as const;

/** Holds the whole `namespaces` group as YAML or JSON: their names cannot be variables' names. */
export const NAMESPACES_VARIABLE = variableOf(NAMESPACES_GROUP);

function words(name: string): string[] {
  return name
    .replace(/([A-Z])/g, ".$1")
    .toLowerCase()
    .split(".");
}
