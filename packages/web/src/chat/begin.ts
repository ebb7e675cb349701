import { madeUpName, type Person } from "../state/person.ts";
import type { Environment } from "./environment.ts";
import { memoryArea, Saved } from "./saved.ts";

/** A browser may forbid storage: even naming it throws then. */
export function openSaved(page: Window): Saved {
  try {
    return new Saved(page.localStorage, page.sessionStorage);
  } catch {
    return new Saved(memoryArea(), memoryArea());
  }
}

/** Who was here before, or somebody new. With `?guest` this tab has a person of its own, to try a talk of two. */
export function whoIsHere(
  saved: Saved,
  query: string,
  { random, newId }: Pick<Environment, "random" | "newId">,
): { readonly me: Person; readonly named: boolean } {
  const known = saved.person;
  const isGuest = new URLSearchParams(query).has("guest");
  if (known !== undefined && (!isGuest || saved.hasTabPerson)) return { me: known, named: true };
  const me = { id: newId(), name: madeUpName(random) };
  if (isGuest) saved.tabPerson = me;
  return { me, named: isGuest };
}
