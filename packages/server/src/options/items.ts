import { filterFault } from "@tidegate/protocol";
import type { ListSpec } from "./spec.ts";
import { nearestHint } from "./nearest.ts";
import { monitorFault, serverFault } from "./server-url.ts";

/** Why an entry of a list is refused; undefined if it is fine. */
export function itemFault(spec: Pick<ListSpec, "items" | "choices">, item: string): string | undefined {
  switch (spec.items) {
    case "pattern":
      return patternFault(item);
    case "origin":
      return originFault(item);
    case "choice":
      return choiceFault(spec.choices ?? [], item);
    case "server":
      return serverFault(item);
    case "monitor":
      return monitorFault(item);
    case "text":
      return item === "" ? "an entry must not be empty" : undefined;
  }
}

/** A permission pattern is a topic filter in which `{user}` stands for the user's id. */
export function patternFault(pattern: string): string | undefined {
  const variable = /\{(?!user\})[^}]*\}/.exec(pattern)?.[0];
  if (variable !== undefined) return `"${short(pattern)}" has the variable ${short(variable)}: the only one is {user}`;
  const fault = filterFault(pattern.replaceAll("{user}", "u"));
  return fault === undefined ? undefined : `"${short(pattern)}" is not a topic pattern: ${fault}`;
}

function originFault(origin: string): string | undefined {
  if (origin === "*" || origin === parsedOrigin(origin)) return undefined;
  return `"${short(origin)}" is not an origin: write * or one such as https://example.com, without a path`;
}

/** `new URL("app://x").origin` is "null": only schemes of web pages have an origin to compare. */
function parsedOrigin(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

function choiceFault(choices: readonly string[], item: string): string | undefined {
  if (choices.includes(item)) return undefined;
  return `"${short(item)}" is not one of ${choices.join(", ")}${nearestHint(item, choices)}`;
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
