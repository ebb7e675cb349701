import { type Command, InvalidArgumentError } from "commander";
import type { Context } from "../context.ts";
import { usageError } from "../exit.ts";
import { Api, type HistoryPage, type HistoryQuery } from "../http/api.ts";
import { addEndpointFlags, endpointOf, type EndpointFlags } from "../http/endpoint.ts";
import { messageJson, messageLine } from "../text/message-line.ts";
import { wholeNumber } from "../text/numbers.ts";
import { type Position, readPosition } from "../text/position.ts";

/** A bare offset is of the log as it is now. */
type After = Position | { readonly offset: number };

interface HistoryFlags extends EndpointFlags {
  readonly after?: After;
  readonly before?: number;
  readonly limit?: number;
  readonly all?: true;
  readonly json?: true;
}

/** Messages in one answer: the server's limit. */
const PAGE = 1000;
const DEFAULT_LIMIT = 100;
const MAX = Number.MAX_SAFE_INTEGER;

export function historyCommand(root: Command, context: Context): void {
  const command = root
    .command("history <topic>")
    .description("print the stored messages of a topic")
    .addHelpText("after", EXAMPLES);
  command
    .optionsGroup("Which:")
    .option("--after <position>", "after this one: epoch:offset, or an offset", after)
    .option("--before <offset>", "the newest ones before this offset", wholeNumber(0, MAX))
    .option("--limit <n>", `at most so many (default: ${DEFAULT_LIMIT})`, wholeNumber(1, MAX))
    .option("--all", "all that are stored");
  command.optionsGroup("Output:").option("--json", "whole messages, each as one line of JSON");
  addEndpointFlags(command).optionsGroup("");
  command.action((topic: string, flags: HistoryFlags) => history(topic, flags, context));
}

async function history(topic: string, flags: HistoryFlags, context: Context): Promise<void> {
  check(flags);
  const api = new Api(endpointOf(flags, context), context);
  const forward = flags.all === true || flags.after !== undefined;
  const limit = flags.limit ?? (flags.all ? MAX : DEFAULT_LIMIT);
  const print = (page: HistoryPage) => printPage(page, flags, context);
  if (forward) return readForward(api, { topic, limit, after: flags.after ?? { offset: 0 }, print, context });
  if (limit > PAGE) throw usageError(`--limit is at most ${PAGE} without --after or --all`);
  const page = await api.history({ topic, before: flags.before, limit });
  await print(page);
  if (page.more && flags.limit === undefined)
    context.terminal.err(`There are older ones: --before ${page.messages[0]?.offset ?? 0}, or --all.\n`);
}

function check({ after: from, before, all, limit }: HistoryFlags): void {
  if (before !== undefined && (from !== undefined || all)) throw usageError("--before excludes --after and --all");
  if (all && limit !== undefined) throw usageError("--all and --limit exclude each other");
}

interface Forward {
  readonly topic: string;
  readonly limit: number;
  readonly after: After;
  readonly print: (page: HistoryPage) => Promise<void>;
  readonly context: Context;
}

/** Page by page, each printed before the next is asked for: the memory does not grow with the topic. */
async function readForward(api: Api, { topic, limit, after: start, print, context }: Forward): Promise<void> {
  let from = "epoch" in start ? start : { epoch: (await api.history({ topic, limit: 1 })).epoch, ...start };
  let left = limit;
  let incomplete = false;
  while (left > 0) {
    const query: HistoryQuery = { topic, after: from, limit: Math.min(left, PAGE) };
    const page = await api.history(query);
    await print(page);
    incomplete ||= !page.complete && from.offset > 0;
    left -= page.messages.length;
    const last = page.messages.at(-1);
    if (!page.more || last === undefined) break;
    from = { epoch: page.epoch, offset: last.offset };
  }
  if (incomplete) context.terminal.err("Some messages after that position are not stored any more.\n");
}

async function printPage({ messages, epoch }: HistoryPage, { json }: HistoryFlags, context: Context): Promise<void> {
  const lines = messages.map((message) => (json ? messageJson(message, epoch) : messageLine(message)));
  if (lines.length > 0) await context.terminal.out(lines.join(""));
}

function after(text: string): After {
  if (/^\d{1,16}$/.test(text)) return { offset: Number(text) };
  if (!text.includes(":")) throw new InvalidArgumentError("It must be epoch:offset or an offset.");
  return readPosition(text);
}

const EXAMPLES = `
  tidegate history chat/room_1
  tidegate history chat/room_1 --limit 10 --json
  tidegate history chat/room_1 --all > room_1.txt`;
