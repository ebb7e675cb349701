import { spelledOut } from "@tidegate/protocol";

const USER = "{user}";

/** A level of a pattern: fixed text, the user's id, text around it, or a wildcard. */
type Level =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "user" | "one" | "rest"; readonly text: undefined }
  | { readonly kind: "around"; readonly text: string };

/** One permission pattern: a topic filter in which `{user}` stands for the user's id. Split once, matched often. */
export class Pattern {
  /** First level where it is a fixed text: patterns are looked up by it. */
  readonly first: string | undefined;
  readonly #levels: readonly Level[];
  readonly #wildFirst: boolean;

  constructor(pattern: string) {
    this.#levels = pattern.split("/").map(levelOf);
    const first = this.#levels[0];
    this.#wildFirst = first?.kind === "one" || first?.kind === "rest";
    this.first = first?.kind === "text" ? first.text : undefined;
  }

  /** Whether it names one topic, for every user. */
  get isExact(): boolean {
    return this.#levels.every(({ kind }) => kind === "text");
  }

  /**
   * Whether every topic that `filter` (a valid topic or filter) names is also named by this pattern, as `covers` of the
   * protocol has it, but without an allocation. For a client without a user id, a pattern with `{user}` covers nothing.
   */
  covers(filter: string, user: string | undefined): boolean {
    const name = spelledOut(filter);
    if (this.#wildFirst && name.charCodeAt(0) === DOLLAR) return false;
    let start = 0;
    for (const level of this.#levels) {
      if (level.kind === "rest") return true;
      if (start > name.length) return false;
      const slash = name.indexOf("/", start);
      const end = slash < 0 ? name.length : slash;
      if (level.kind === "one") {
        if (name.charCodeAt(start) === HASH) return false;
      } else {
        const text = level.kind === "text" ? level.text : expand(level, user);
        if (text === undefined || text.length !== end - start || !name.startsWith(text, start)) return false;
      }
      start = end + 1;
    }
    return start > name.length;
  }
}

const DOLLAR = 36;
const HASH = 35;

function levelOf(text: string): Level {
  if (text === "#") return { kind: "rest", text: undefined };
  if (text === "+") return { kind: "one", text: undefined };
  if (text === USER) return { kind: "user", text: undefined };
  return { kind: text.includes(USER) ? "around" : "text", text };
}

function expand({ text }: Level, user: string | undefined): string | undefined {
  return text === undefined || user === undefined ? user : text.replaceAll(USER, () => user);
}
