/**
 * Finds the text of one member in JSON that JSON.parse has already accepted, so that a payload goes on exactly as it
 * came: parsing it and writing it again would round large integers (ids of 64 bits) and make null of 1e400.
 * Nothing here recurses: depth is bounded by the length of the text alone.
 */

const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * The text of `json[outer][inner]`, or undefined if either key is not there spelled without escapes. As JSON.parse
 * does, the last of several equal keys counts.
 */
export function rawMember(json: string, outer: string, inner: string): string | undefined {
  const at = memberStart(json, skipSpace(json, 0), outer);
  return at < 0 ? undefined : rawField(json, inner, at);
}

/** The text of `json[key]` where an object starts at `from`; undefined as above. */
export function rawField(json: string, key: string, from = skipSpace(json, 0)): string | undefined {
  const at = memberStart(json, from, key);
  return at < 0 ? undefined : json.slice(at, valueEnd(json, at));
}

/** The texts of the items of `json[outer][inner]`, an array; none if there is no such key. */
export function rawItems(json: string, outer: string, inner: string): readonly string[] {
  const list = rawMember(json, outer, inner);
  const items: string[] = [];
  if (list === undefined) return items;
  let i = skipSpace(list, 1);
  while (i < list.length && list.charCodeAt(i) !== CLOSE_BRACKET) {
    const end = valueEnd(list, i);
    items.push(list.slice(i, end));
    i = skipSpace(list, end);
    if (list.charCodeAt(i) === COMMA) i = skipSpace(list, i + 1);
  }
  return items;
}

/** Index of the value of `key` in the object that opens at `open`; -1 if there is none. */
function memberStart(json: string, open: number, key: string): number {
  let found = -1;
  let i = skipSpace(json, open + 1);
  while (json.charCodeAt(i) === QUOTE) {
    const end = stringEnd(json, i);
    const same = end - i === key.length + 2 && json.startsWith(key, i + 1);
    const value = skipSpace(json, skipSpace(json, end) + 1);
    if (same) found = value;
    i = skipSpace(json, valueEnd(json, value));
    if (json.charCodeAt(i) === COMMA) i = skipSpace(json, i + 1);
  }
  return found;
}

/** Index after the value that starts at `i`. */
function valueEnd(json: string, i: number): number {
  const first = json.charCodeAt(i);
  if (first === QUOTE) return stringEnd(json, i);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return nestedEnd(json, i);
  while (i < json.length && !endsScalar(json.charCodeAt(i))) i++;
  return i;
}

function nestedEnd(json: string, i: number): number {
  let depth = 0;
  while (i < json.length) {
    const c = json.charCodeAt(i);
    if (c === QUOTE) {
      i = stringEnd(json, i);
      continue;
    }
    i++;
    if (c === OPEN_BRACE || c === OPEN_BRACKET) depth++;
    else if ((c === CLOSE_BRACE || c === CLOSE_BRACKET) && --depth === 0) break;
  }
  return i;
}

/** Index after the closing quote of the string that opens at `i`. */
function stringEnd(json: string, i: number): number {
  let end = json.indexOf('"', i + 1);
  while (end >= 0 && escaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end + 1;
}

/** Whether an odd number of backslashes stands before `i`. */
function escaped(json: string, i: number): boolean {
  let slashes = 0;
  while (json.charCodeAt(i - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

function skipSpace(json: string, i: number): number {
  while (isSpace(json.charCodeAt(i))) i++;
  return i;
}

function isSpace(c: number): boolean {
  return c === 32 || c === 10 || c === 13 || c === 9;
}

function endsScalar(c: number): boolean {
  return c === COMMA || c === CLOSE_BRACE || c === CLOSE_BRACKET || isSpace(c);
}
