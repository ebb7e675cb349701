import { InvalidInput } from "@tidegate/protocol";
import { nearestHint } from "../../options/nearest.ts";

/** The parameters of a query by name. Unknown, repeated and badly encoded ones are refused with `invalid_argument`. */
export function parameters(query: string, known: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = decoded(equals < 0 ? part : part.slice(0, equals), "a parameter's name");
    if (!known.includes(name)) unknown(name, known);
    if (found.has(name)) wrong(`${name}: it is there twice`);
    const raw = equals < 0 ? "" : part.slice(equals + 1);
    if (name === "topic") checkWildcards(raw);
    found.set(name, decoded(raw, name));
  }
  return found;
}

/** Digits as a number; anything else stays, so that the field's own check refuses it. */
export function whole(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : text;
}

/** `true` and `false`; anything else stays, as above. */
export function truth(text: string | undefined): boolean | string | undefined {
  if (text === "true") return true;
  return text === "false" ? false : text;
}

/** `epoch:offset`. An epoch may hold colons; the last one counts. */
export function place(text: string | undefined, name: string): { epoch: string; offset: number } | undefined {
  if (text === undefined) return undefined;
  const match = /^(.+):(\d{1,16})$/s.exec(text);
  if (match?.[1] === undefined) return wrong(`${name}: it must be epoch:offset, such as the id of an event`);
  return { epoch: match[1], offset: Number(match[2]) };
}

/** A plus sign in a query is a space: a wildcard written so would silently be another topic. */
function checkWildcards(raw: string): void {
  if (/(^|\/|%2f)\+($|\/|%2f)/i.test(raw))
    wrong("topic: a + in a query stands for a space; write the wildcard + as %2B (and # as %23)");
}

function decoded(raw: string, name: string): string {
  try {
    return decodeURIComponent(raw.replaceAll("+", " "));
  } catch {
    return wrong(`${name}: its percent-encoding is not valid UTF-8`);
  }
}

function unknown(name: string, known: readonly string[]): never {
  const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
  const there = known.length === 0 ? "this path takes none" : `there are ${known.join(", ")}`;
  return wrong(`unknown parameter ${shown}${nearestHint(name, known)}; ${there}`);
}

function wrong(message: string): never {
  throw new InvalidInput("invalid_argument", message);
}
