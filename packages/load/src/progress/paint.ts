/** What a text means; the colour follows from it. */
export type Tone = "plain" | "strong" | "dim" | "good" | "warn" | "bad";

export interface Piece {
  readonly text: string;
  readonly tone: Tone;
}

export function piece(text: string, tone: Tone = "plain"): Piece {
  return { text: oneLine(text), tone };
}

/** SGR parameters of ECMA-48: the terminal's own colours, which its user chose to be readable. */
const CODES: Readonly<Record<Tone, string>> = { plain: "", strong: "1", dim: "2", good: "32", warn: "33", bad: "31;1" };

/** `NO_COLOR` (no-color.org) and terminals that know none. */
export function wantsColour(env: Readonly<Record<string, string | undefined>>): boolean {
  return (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

/** The pieces as one line of at most `width` columns. */
export function paintLine(pieces: readonly Piece[], width: number, colour: boolean): string {
  let rest = width;
  let line = "";
  for (const { text, tone } of pieces) {
    const shown = cut(text, rest);
    rest -= columns(shown);
    const code = colour ? CODES[tone] : "";
    line += code === "" || shown === "" ? shown : `\u001b[${code}m${shown}\u001b[0m`;
    if (shown !== text) break;
  }
  return line;
}

/** Columns that a text takes in a terminal: East Asian letters and emoji take two. */
export function columns(text: string): number {
  return Bun.stringWidth(text);
}

function cut(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let shown = "";
  let used = 0;
  for (const char of text) {
    used += columns(char);
    if (used > width - 1) break;
    shown += char;
  }
  return width <= 0 ? "" : `${shown}…`;
}

/** Names come from files and servers: what could move the cursor is not given to the terminal. */
function oneLine(text: string): string {
  return text.replaceAll(UNSAFE, "�");
}

// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
