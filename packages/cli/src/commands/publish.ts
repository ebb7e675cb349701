import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Context } from "../context.ts";
import { textOf, usageError } from "../exit.ts";
import { Api } from "../http/api.ts";
import { addEndpointFlags, endpointOf, type EndpointFlags } from "../http/endpoint.ts";
import { MAX_LINES, publishLines } from "../publish/lines.ts";
import { payloadOf, type PayloadKind } from "../publish/payload.ts";
import { positionText } from "../text/position.ts";

interface PublishFlags extends EndpointFlags {
  readonly text?: true;
  readonly base64?: true;
  readonly file?: string;
  readonly lines?: true;
  readonly oneByOne?: true;
  readonly messageId?: string;
  readonly priority?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly retain?: true;
  readonly json?: true;
}

export function publishCommand(root: Command, context: Context): void {
  const command = root
    .command("publish <topic> [data]")
    .description("publish a message, or one for each line")
    .addHelpText("after", EXAMPLES);
  command
    .optionsGroup("Payload:")
    .option("--text", "take it as text, even if it is JSON")
    .option("--base64", "it is the base64 of bytes")
    .option("--file <file>", "read it from a file")
    .option("--lines", "each line of the standard input is one message")
    .option("--one-by-one", "with --lines: strictly in order, also when the server is overloaded; slower");
  command
    .optionsGroup("Message:")
    .option("--message-id <id>", "a second message with this id is a duplicate and not stored")
    .addOption(
      new Option("--priority <level>", "under overload low is refused first").choices(["high", "normal", "low"]),
    )
    .option("--header <key=value>", "a header; may be given several times", header)
    .option("--retain", "keep it as the last value of the topic");
  command.optionsGroup("Output:").option("--json", "print the whole answer, not only the position");
  addEndpointFlags(command).optionsGroup("");
  command.action((topic: string, data: string | undefined, flags: PublishFlags) =>
    publish(topic, data, flags, context),
  );
}

async function publish(topic: string, data: string | undefined, flags: PublishFlags, context: Context): Promise<void> {
  checkSources(data, flags, context);
  const api = new Api(endpointOf(flags, context), context);
  const kind = kindOf(flags);
  const head = headOf(topic, flags);
  if (flags.lines) {
    const bodyOf = (line: Uint8Array): string => `{${head},${payloadOf(line, kind)}`;
    return publishLines({ api, context, bodyOf, perRequest: flags.oneByOne ? 1 : MAX_LINES });
  }
  const bytes = await payloadBytes(data, flags, context);
  const published = await api.publish(`{${head},${payloadOf(bytes, kind)}}`);
  const note = published.duplicate ? " duplicate" : "";
  await context.terminal.out(flags.json ? `${JSON.stringify(published)}\n` : `${positionText(published)}${note}\n`);
}

function checkSources(data: string | undefined, flags: PublishFlags, { terminal }: Context): void {
  const { text, base64, file, lines, oneByOne, messageId } = flags;
  if (text && base64) throw usageError("--text and --base64 exclude each other");
  const sources = [data === undefined ? "" : "DATA", file === undefined ? "" : "--file", lines ? "--lines" : ""];
  const given = sources.filter((source) => source !== "");
  if (given.length > 1) throw usageError(`${given.join(" and ")} exclude each other`);
  if (lines && terminal.inIsTty) terminal.err("Each line is a message; Ctrl-D on an empty line ends.\n");
  if (oneByOne && !lines) throw usageError("--one-by-one is of --lines");
  if (lines && messageId !== undefined) throw usageError("--message-id is of one message; --lines sends many");
}

function kindOf({ text, base64 }: PublishFlags): PayloadKind {
  if (text) return "text";
  return base64 ? "base64" : "auto";
}

/** The members of the body that are the same for all lines, as JSON without its braces. */
function headOf(topic: string, { messageId, priority, header: headers, retain }: PublishFlags): string {
  return JSON.stringify({ topic, messageId, priority, headers, retain }).slice(1, -1);
}

async function payloadBytes(data: string | undefined, { file }: PublishFlags, context: Context): Promise<Uint8Array> {
  if (data !== undefined) return new TextEncoder().encode(data);
  if (file !== undefined) return readInput(file);
  const { terminal } = context;
  if (terminal.inIsTty) terminal.err("Write the message; Ctrl-D on an empty line sends it.\n");
  return Buffer.concat(await Array.fromAsync(terminal.input()));
}

function readInput(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw usageError(`--file cannot be read: ${textOf(error)}`);
  }
}

function header(text: string, earlier: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must be key=value.");
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

const EXAMPLES = `
Without [data], --file and --lines the message is the whole standard input. What is JSON is sent as JSON, other text
as text, other bytes as bytes. Prints the position of the stored message, epoch:offset.

  tidegate publish chat/room_1 '{"text":"hello"}'
  tidegate publish logs/app --text --file app.log
  tail -f app.log | tidegate publish logs/app --text --lines`;
