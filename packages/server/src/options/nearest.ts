/** ` (did you mean "size"?)`, or nothing where no known word is near. */
export function nearestHint(word: string, known: Iterable<string>): string {
  const found = nearest(word, known);
  return found === undefined ? "" : ` (did you mean "${found}"?)`;
}

/** The known word with the fewest edits to `word`, if these are at most a third of it (and two for short words). */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  // Longer than any known name: not a slip of the finger, and the table below would grow with it.
  if (word.length > 100) return undefined;
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(fold(word), fold(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** `max_body`, `max-body` and `MaxBody` are all near `maxBody`. */
function fold(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, "");
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
