import { Fault } from "./fault.ts";
import { fieldAt } from "./read-tree.ts";
import { SCENARIO } from "./table.ts";

/**
 * Puts a value of the command line, `populations[0].count=500`, into the tree of a file, before it is read. Returns
 * what is wrong with it.
 */
export function applySet(tree: unknown, assignment: string): Fault | undefined {
  const equals = assignment.indexOf("=");
  if (equals < 1) return new Fault(`--set ${assignment}: must be key=value`);
  const path = assignment.slice(0, equals);
  const spec = fieldAt(SCENARIO, path);
  if (spec === undefined || spec.kind === "group" || spec.kind === "groups")
    return new Fault(`--set ${path}: there is no such value in a scenario`);
  return place(tree, path.split(/\.|(?=\[)/), assignment.slice(equals + 1))
    ? undefined
    : new Fault(`--set ${path}: the scenario has no such entry`);
}

/** False if the path leads through something that is not there, or through a value. */
function place(tree: unknown, [head = "", ...rest]: readonly string[], value: string): boolean {
  if (typeof tree !== "object" || tree === null) return false;
  const map = tree as Record<string, unknown>;
  const index = /^\[(\d+)\]$/.exec(head)?.[1];
  const key = index ?? head;
  if (index !== undefined && !(Array.isArray(tree) && Number(index) < tree.length)) return false;
  if (rest.length === 0) {
    map[key] = value;
    return true;
  }
  if (!Object.hasOwn(map, key) || map[key] === null) map[key] = {};
  return place(map[key], rest, value);
}
