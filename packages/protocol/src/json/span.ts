/**
 * Finds the text of one member in JSON that JSON.parse has already accepted, so that a payload goes on exactly as it
 * came: parsing it and writing it again would round large integers (ids of 64 bits) and make null of 1e400.
 * Nothing here recurses: depth is bounded by the length of the text alone.
 */

const SPACE = 32;
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
  const scanner = new Scanner(json);
  scanner.find(outer, inner);
  return scanner.found;
}

/** The text of `json[key]`; undefined as above. */
export function rawField(json: string, key: string): string | undefined {
  const scanner = new Scanner(json);
  scanner.findField(key);
  return scanner.found;
}

/** The texts of the items of `json[outer][inner]`, an array; none if there is no such key. */
export function rawItems(json: string, outer: string, inner: string): readonly string[] {
  const list = rawMember(json, outer, inner) ?? "";
  const items: string[] = [];
  let i = skipSpace(list, 1);
  while (i < list.length && list.charCodeAt(i) !== CLOSE_BRACKET) {
    const end = valueEnd(list, i);
    items.push(list.slice(i, end));
    i = nextMember(list, end);
  }
  return items;
}

/** Goes through a text once. */
class Scanner {
  readonly #json: string;
  #at: number;
  #from = -1;
  #to = -1;

  constructor(json: string) {
    this.#json = json;
    this.#at = skipSpace(json, 0);
  }

  get found(): string | undefined {
    return this.#from < 0 ? undefined : this.#json.slice(this.#from, this.#to);
  }

  find(outer: string, inner: string): void {
    const json = this.#json;
    this.#at = skipSpace(json, this.#at + 1);
    while (json.charCodeAt(this.#at) === QUOTE) {
      if (this.#isKey(outer)) this.findField(inner);
      else this.#at = valueEnd(json, this.#at);
      this.#at = nextMember(json, this.#at);
    }
  }

  /** Goes through the value where the scanner stands; finds nothing in it if it is no object. */
  findField(key: string): void {
    const json = this.#json;
    this.#from = -1;
    if (json.charCodeAt(this.#at) !== OPEN_BRACE) {
      this.#at = valueEnd(json, this.#at);
      return;
    }
    this.#at = skipSpace(json, this.#at + 1);
    while (json.charCodeAt(this.#at) === QUOTE) {
      const same = this.#isKey(key);
      const from = this.#at;
      const to = valueEnd(json, from);
      if (same) {
        this.#from = from;
        this.#to = to;
      }
      this.#at = nextMember(json, to);
    }
    this.#at++;
  }

  /** Whether the key where the scanner stands is `key`; goes on to its value. */
  #isKey(key: string): boolean {
    const json = this.#json;
    const from = this.#at;
    const to = stringEnd(json, from);
    this.#at = skipSpace(json, skipSpace(json, to) + 1);
    return to - from === key.length + 2 && json.startsWith(key, from + 1);
  }
}

/** Index of the next member or item after a value that ends at `i`, or of the closing bracket. */
function nextMember(json: string, i: number): number {
  const at = skipSpace(json, i);
  return json.charCodeAt(at) === COMMA ? skipSpace(json, at + 1) : at;
}

/** Index after the value that starts at `i`. */
function valueEnd(json: string, i: number): number {
  const first = json.charCodeAt(i);
  if (first === QUOTE) return stringEnd(json, i);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return nestedEnd(json, i);
  let end = i;
  while (end < json.length && !endsScalar(json.charCodeAt(end))) end++;
  return end;
}

/** One flat loop: it passes over every character of a payload. */
function nestedEnd(json: string, i: number): number {
  const { length } = json;
  let depth = 0;
  for (let at = i; at < length; at++) {
    const c = json.charCodeAt(at);
    if (c === QUOTE) at = stringEnd(json, at) - 1;
    else if (c === OPEN_BRACE || c === OPEN_BRACKET) depth++;
    else if ((c === CLOSE_BRACE || c === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  return length;
}

/** Index after the closing quote of the string that opens at `i`. */
function stringEnd(json: string, i: number): number {
  let end = json.indexOf('"', i + 1);
  while (end >= 0 && json.charCodeAt(end - 1) === BACKSLASH && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end + 1;
}

/** Whether an odd number of backslashes stands before `i`. */
function isEscaped(json: string, i: number): boolean {
  let slashes = 0;
  while (json.charCodeAt(i - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

/** Most writers of JSON put no space anywhere. */
function skipSpace(json: string, i: number): number {
  let at = i;
  while (json.charCodeAt(at) <= SPACE && isSpace(json.charCodeAt(at))) at++;
  return at;
}

function isSpace(c: number): boolean {
  return c === SPACE || c === 10 || c === 13 || c === 9;
}

function endsScalar(c: number): boolean {
  return c === COMMA || c === CLOSE_BRACE || c === CLOSE_BRACKET || isSpace(c);
}
