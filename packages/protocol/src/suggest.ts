/** The one of `known` that `name` was most likely meant to be: at most two typing faults away, fewer for short names. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 32) return undefined;
  let best: string | undefined;
  let least = Math.min(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const faults = distance(name.toLowerCase(), candidate.toLowerCase());
    if (faults < least) {
      least = faults;
      best = candidate;
    }
  }
  return best;
}

/** Levenshtein's: letters to insert, remove or replace. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, above[j]! + 1, row[j - 1]! + 1));
    }
    above = row;
  }
  return above[b.length]!;
}

/** A name from outside, safe and short enough to stand in a sentence. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}

/** "…; did you mean x?" or the list of what there is. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean ${near}?`;
  return known.length === 0 ? "there is none" : `there are ${known.join(", ")}`;
}
