const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;

/**
 * The texts of an array's items, from JSON that JSON.parse has accepted: writing the parsed items anew would round large
 * numbers in payloads. An empty array has none.
 */
export function jsonItems(array: string): readonly string[] {
  const items: string[] = [];
  const open = array.indexOf("[") + 1;
  const close = array.lastIndexOf("]");
  let start = open;
  let depth = 0;
  for (let i = open; i < close; i++) {
    const c = array.charCodeAt(i);
    if (c === QUOTE) i = stringEnd(array, i);
    else if (opens(c)) depth += 1;
    else if (closes(c)) depth -= 1;
    else if (c === COMMA && depth === 0) {
      items.push(array.slice(start, i));
      start = i + 1;
    }
  }
  const last = array.slice(start, close);
  if (last.trim() !== "") items.push(last);
  return items;
}

/** Index of the quote that ends the string which starts at `i`. */
function stringEnd(json: string, i: number): number {
  let at = i + 1;
  while (at < json.length && json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

function opens(c: number): boolean {
  return c === 91 || c === 123;
}

function closes(c: number): boolean {
  return c === 93 || c === 125;
}
