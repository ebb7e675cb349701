import type { BusSubject } from "./bus.ts";

const SUBJECT = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/**
 * The words with dots between them.
 *
 * @throws TypeError if there is no word, or one has something else than letters, digits, `_` and `-`
 */
export function subjectText(words: BusSubject): string {
  const text = words.join(".");
  if (!SUBJECT.test(text) || words.some((word) => word.includes(".")))
    throw new TypeError(`"${text}" is no subject of the bus: it has words of letters, digits, "_" and "-"`);
  return text;
}
