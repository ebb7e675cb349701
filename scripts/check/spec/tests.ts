/** A test in the sources. */
export interface NamedTest {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** `test(`, `test.skip(`, `test.each(`, `it(`: all that begins a test, up to its first parenthesis. */
const CALL = /(?<![\w.$])(?:test|it)((?:\.\w+)*)\(/g;
/** These take something else first and the test's name in a second call. */
const CURRIED = /\.(?:each|if|skipIf|todoIf|failingIf)$/;
const NAME = /^\s*(["'`])((?:\\.|(?!\1).)*)\1/s;

export function testsOf(file: string, source: string): readonly NamedTest[] {
  const found: NamedTest[] = [];
  for (const match of source.matchAll(CALL)) {
    const open = match.index + match[0].length;
    const start = CURRIED.test(match[1] ?? "") ? afterCall(source, open) : open;
    const name = start === undefined ? undefined : NAME.exec(source.slice(start))?.[2];
    if (name !== undefined) found.push({ name, file, line: source.slice(0, match.index).split("\n").length });
  }
  return found;
}

/** Where the second call's arguments begin; parentheses within strings are told apart. */
function afterCall(source: string, open: number): number | undefined {
  let depth = 1;
  let quote = "";
  for (let at = open; at < source.length; at++) {
    const char = source[at] ?? "";
    if (char === "\\") at++;
    else if (quote !== "") quote = char === quote ? "" : quote;
    else if (`"'\``.includes(char)) quote = char;
    else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return source[at + 1] === "(" ? at + 2 : undefined;
  }
  return undefined;
}
