const USER = "{user}";

/** One permission pattern: a topic filter in which `{user}` stands for the user's id. Split once, matched often. */
export class Pattern {
  /** First level where it is a fixed text: patterns are looked up by it. */
  readonly first: string | undefined;
  readonly #levels: readonly string[];
  readonly #wildFirst: boolean;

  constructor(pattern: string) {
    this.#levels = pattern.split("/");
    const first = this.#levels[0] ?? "";
    this.#wildFirst = first === "#" || first === "+";
    this.first = this.#wildFirst || first.includes(USER) ? undefined : first;
  }

  /**
   * Whether every topic that `name` (a valid topic or filter) names is also named by this pattern, as `covers` of the
   * protocol has it; no allocation. For a client without a user id, a pattern with `{user}` covers nothing.
   */
  covers(name: string, user: string | undefined): boolean {
    if (this.#wildFirst && name.charCodeAt(0) === DOLLAR) return false;
    let start = 0;
    for (const level of this.#levels) {
      if (level === "#") return true;
      if (start > name.length) return false;
      const slash = name.indexOf("/", start);
      const end = slash < 0 ? name.length : slash;
      if (!levelCovers(level, { name, start, end, user })) return false;
      start = end + 1;
    }
    return start > name.length;
  }
}

const DOLLAR = 36;

interface Level {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly user: string | undefined;
}

function levelCovers(level: string, { name, start, end, user }: Level): boolean {
  const length = end - start;
  if (level === "+") return !(length === 1 && name[start] === "#");
  const text = level.includes(USER) ? expand(level, user) : level;
  return text !== undefined && text.length === length && name.startsWith(text, start);
}

function expand(level: string, user: string | undefined): string | undefined {
  if (user === undefined) return undefined;
  return level === USER ? user : level.replaceAll(USER, () => user);
}
