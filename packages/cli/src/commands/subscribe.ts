import { type Command, InvalidArgumentError } from "commander";
import type { Context } from "../context.ts";
import { Api } from "../http/api.ts";
import { addEndpointFlags, endpointOf, type EndpointFlags } from "../http/endpoint.ts";
import { firstConnection, newClient } from "../subscribe/connect.ts";
import { follow } from "../subscribe/follow.ts";
import { wholeNumber } from "../text/numbers.ts";
import { type Position, readPosition } from "../text/position.ts";

interface SubscribeFlags extends EndpointFlags {
  readonly since?: Position;
  readonly history?: number;
  readonly retained?: true;
  readonly presence?: true | object;
  readonly count?: number;
  readonly json?: true;
}

export function subscribeCommand(root: Command, context: Context): void {
  const command = root
    .command("subscribe <filters...>")
    .description("print messages as they come, one a line")
    .addHelpText("after", EXAMPLES);
  command
    .optionsGroup("Where to begin (default: with what is new):")
    .option("--since <position>", "after this position, epoch:offset", readPosition)
    .option("--history <n>", "with the newest so many; not for wildcards", wholeNumber(1, 10_000))
    .option("--retained", "with the last value of each topic");
  command
    .optionsGroup("What to print:")
    .option("--presence [info]", "be present, and print who joins and leaves; info is a JSON object", info)
    .option("--count <n>", "end after so many messages", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option("--json", "whole messages, each as one line of JSON");
  addEndpointFlags(command).optionsGroup("");
  command.action((filters: readonly string[], flags: SubscribeFlags) => subscribe(filters, flags, context));
}

async function subscribe(filters: readonly string[], flags: SubscribeFlags, context: Context): Promise<void> {
  const endpoint = endpointOf(flags, context);
  const say = (line: string): void => context.terminal.err(`${line}\n`);
  const client = newClient(endpoint, say);
  await firstConnection(client, endpoint, new Api(endpoint, context));
  const { since, history, retained, presence } = flags;
  const start = { since, history, retained, presence };
  const set = Object.fromEntries(Object.entries(start).filter(([, value]) => value !== undefined));
  await follow({
    client,
    filters: [...new Set(filters)],
    start: set,
    say,
    terminal: context.terminal,
    ...print(flags),
  });
}

function print({ count, json }: SubscribeFlags): { readonly count: number; readonly json: boolean } {
  return { count: count ?? Number.POSITIVE_INFINITY, json: json === true };
}

function info(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, as for every other value that is no object.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as {"name":"Ann"}.');
}

const EXAMPLES = `
A filter is a topic, or has the wildcards + (one level) and # (all below); quote it, for the shell. Each line is time,
topic, sender (- if nobody signed in) and data. When the connection breaks, it is made again and what was missed
is printed. Ctrl-C ends.

  tidegate subscribe 'chat/#'
  tidegate subscribe chat/room_1 --history 20
  tidegate subscribe 'sensors/+/temperature' --json | jq .data`;
