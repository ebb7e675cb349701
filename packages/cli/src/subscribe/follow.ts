import type { Client, Gap, Message, SubscribeOptions, Subscription } from "@tidegate/client";
import { type CliError, usageError } from "../exit.ts";
import type { Terminal } from "../terminal.ts";
import { messageJson, messageLine } from "../text/message-line.ts";
import { positionText } from "../text/position.ts";
import { safeText } from "../text/safe-text.ts";
import { cliError, watchConnection } from "./connect.ts";
import { LineWriter } from "./line-writer.ts";
import { wireForm } from "./wire-form.ts";

export interface Follow {
  readonly client: Client;
  readonly filters: readonly string[];
  readonly start: SubscribeOptions;
  /** Ends after so many messages. */
  readonly count: number;
  readonly json: boolean;
  /** A line for people, beside the messages. */
  readonly say: (line: string) => void;
  readonly terminal: Terminal;
}

/** Messages that wait while the reader of the output is slow. */
const BUFFER = 10_000;

/** Prints until the count is full or a signal comes. Rejects when the server ends it. */
export async function follow(job: Follow): Promise<void> {
  const { client, terminal, say } = job;
  const { promise: done, resolve: finish, reject: fail } = Promise.withResolvers<void>();
  const printer = new Printer(job, finish);
  const subscriptions = job.filters.map((filter) => subscribe(job, filter));
  for (const subscription of subscriptions)
    printer.print(subscription).catch((error: unknown) => fail(cliError(error)));
  watchConnection(client, say, (error: CliError) => fail(error));
  const off = terminal.onSignal(() => finish());
  try {
    await Promise.race([done, Promise.all(subscriptions.map(({ ready }) => ready))]).catch((error: unknown) => {
      throw cliError(error);
    });
    if (terminal.errIsTty) say(`subscribed to ${job.filters.join(", ")}; Ctrl-C ends`);
    await done;
  } finally {
    off();
    await printer.flush();
    if (terminal.errIsTty) for (const subscription of subscriptions) sayPosition(subscription, say);
    await client.close();
  }
}

function subscribe({ client, start, say }: Follow, filter: string): Subscription {
  try {
    const subscription = client.subscribe(filter, { ...start, buffer: BUFFER });
    subscription.on("gap", (gap) => say(gapLine(gap)));
    subscription.on("recovered", ({ recovered }) => {
      if (!recovered) say(`${filter}: what was missed is not stored any more; going on with what is new`);
    });
    return subscription;
  } catch (error) {
    if (error instanceof TypeError) throw usageError(error.message);
    throw error;
  }
}

function gapLine({ topic, after, to, cause }: Gap): string {
  const range = after === undefined || to === undefined ? "" : ` after ${after} up to ${to}`;
  return `${safeText(topic)}: messages${range} are missing: ${cause}`;
}

/** How to go on from here another time. */
function sayPosition({ topic, position }: Subscription, say: (line: string) => void): void {
  if (position !== undefined) say(`go on with: tidegate subscribe '${topic}' --since ${positionText(position)}`);
}

/** Writes the messages of all subscriptions, and counts them. */
class Printer {
  readonly #job: Follow;
  readonly #finish: () => void;
  readonly #writer: LineWriter;
  #left: number;

  constructor(job: Follow, finish: () => void) {
    this.#job = job;
    this.#finish = finish;
    this.#writer = new LineWriter(job.terminal);
    this.#left = job.count;
  }

  async print(subscription: Subscription): Promise<void> {
    subscription.on("join", (change) => this.#membership("join", subscription.topic, change));
    subscription.on("leave", (change) => this.#membership("leave", subscription.topic, change));
    for await (const message of subscription) {
      if (this.#left === 0) return;
      await this.#message(message, subscription.position?.epoch);
      if (--this.#left === 0) return this.#finish();
    }
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  #message(message: Message, epoch: string | undefined): Promise<void> | undefined {
    const wire = wireForm(message);
    return this.#writer.add(this.#job.json ? messageJson(wire, epoch) : messageLine(wire));
  }

  #membership(
    kind: "join" | "leave",
    topic: string,
    change: { readonly members: readonly { readonly user: string }[]; readonly count: number },
  ): void {
    const names = change.members.map(({ user }) => safeText(user)).join(", ");
    const verb = kind === "join" ? "joined" : "left";
    const line = this.#job.json
      ? JSON.stringify({ [kind]: { topic, ...change } })
      : `${safeText(topic)}  ${verb}: ${names} (${change.count} here)`;
    void this.#writer.add(`${line}\n`);
  }
}
