import { isToken } from "@tidegate/server";
import { CliError, usageError } from "../exit.ts";
import type { Terminal } from "../terminal.ts";
import { typedLines } from "./typed-lines.ts";

/** Bytes of the line: four for each of the characters that the server takes. */
const MAX_BYTES = 4 * 8192;
const LF = 10;

/** A password that the server would take: typed twice on a terminal, else the line of the standard input. */
export async function readPassword(terminal: Terminal, user: string): Promise<string> {
  const password = terminal.inIsTty ? await askTwice(terminal, user) : await onlyLine(terminal.input());
  const fault = passwordFault(password);
  if (fault !== undefined) throw usageError(fault);
  return password;
}

/** Why a password would not do; nothing of it is in the sentence. */
function passwordFault(password: string): string | undefined {
  if (password === "") return "the password is empty";
  if (password.length > 8192) return "a password has at most 8192 characters";
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(password)) return "the password has a control character, which few clients can send";
  if (isToken(password))
    return "the password has the form of a token (from tg_ on, or a JWT), and the server would take it for one";
  return undefined;
}

async function askTwice(terminal: Terminal, user: string): Promise<string> {
  terminal.setEcho(false);
  const lines = typedLines(terminal.input());
  try {
    const first = await ask(terminal, lines, `Password of ${user}: `);
    const second = await ask(terminal, lines, "Again: ");
    if (first !== second) throw new CliError("the two passwords differ");
    return first;
  } finally {
    terminal.setEcho(true);
    await lines.return(undefined);
  }
}

async function ask(terminal: Terminal, lines: AsyncGenerator<string, undefined>, prompt: string): Promise<string> {
  terminal.err(prompt);
  try {
    const { value } = await lines.next();
    if (value === undefined) throw new CliError("no password was given");
    return value;
  } finally {
    terminal.err("\n");
  }
}

/** The rest is not waited for, but what came with the line must not be lost in silence. */
async function onlyLine(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    chunks.push(Uint8Array.from(chunk));
    size += chunk.byteLength;
    if (chunk.includes(LF) || size > MAX_BYTES) break;
  }
  const [line = "", ...rest] = textOf(Buffer.concat(chunks)).split("\n");
  if (rest.some((text) => text.trim() !== "")) throw usageError("the standard input has more than one line");
  return line.replace(/\r$/, "");
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw usageError("the standard input is not UTF-8");
  }
}
