import { CliError, usageError } from "../exit.ts";

/** Characters of a line: what is longer is no password. */
const MAX_CHARS = 8192;
const ESC = "\u001b";

/**
 * What is typed into a terminal that shows nothing and passes every key on, line by line. Backspace and Ctrl-U edit;
 * the arrows and the like are left out, for what they send would become part of the line. Rejects on Ctrl-C and Ctrl-D.
 */
export async function* typedLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let line: string[] = [];
  for await (const chunk of input) {
    const [typed = ""] = decoder.decode(chunk, { stream: true }).split(ESC, 1);
    for (const key of typed) {
      if (key === "\r" || key === "\n") {
        yield line.join("");
        line = [];
      } else line = edited(line, key);
    }
  }
}

function edited(line: string[], key: string): string[] {
  switch (key) {
    case "\u0003": // Ctrl-C
    case "\u0004": // Ctrl-D
      throw new CliError("no password was given");
    case "\u007f": // Backspace
    case "\b":
      return line.slice(0, -1);
    case "\u0015": // Ctrl-U
      return [];
  }
  if (line.length >= MAX_CHARS) throw usageError(`a password has at most ${MAX_CHARS} characters`);
  // A tab or another control key cannot be seen, and is hardly meant.
  if (key >= " ") line.push(key);
  return line;
}
