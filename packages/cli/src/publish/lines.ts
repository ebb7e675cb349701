import type { Context } from "../context.ts";
import type { Api } from "../http/api.ts";
import { grouped } from "../text/numbers.ts";
import { positionText } from "../text/position.ts";
import { LineQueue, type Line } from "./line-queue.ts";
import { progress } from "./progress.ts";
import { Sender } from "./sender.ts";
import { splitLines } from "./split-lines.ts";

/** The most that goes in one request: half of the server's own limit, and a quarter of its default for a body. */
export const MAX_LINES = 500;
const MAX_CHARS = 256 * 1024;

export interface LinesJob {
  readonly api: Api;
  readonly context: Context;
  /** The body of a message, without its message id and closing brace. */
  readonly bodyOf: (line: Uint8Array) => string;
  /**
   * Lines in a request. With 1 the order is strict. With more, a line that the server refuses for the moment comes after
   * those of the same request that it took.
   */
  readonly perRequest: number;
}

/** Sends each line of the input as a message. While a request is under way, the lines for the next one gather. */
export async function publishLines({ api, context, bodyOf, perRequest }: LinesJob): Promise<void> {
  const { terminal, clock } = context;
  const queue = new LineQueue();
  const bar = progress(terminal);
  const sender = new Sender({ api, clock, waiting: (reason) => bar.note(`waiting: ${reason}`) });
  const start = clock.now();
  const reading = readInto(queue, context, bodyOf);
  try {
    for (;;) {
      const lines = await queue.take(perRequest, MAX_CHARS);
      if (lines.length === 0) break;
      await sender.send(lines);
      bar.show(`${grouped(sender.published)} published`);
    }
  } finally {
    bar.clear();
  }
  await reading;
  const duplicates = sender.duplicates > 0 ? `, ${grouped(sender.duplicates)} of them duplicates` : "";
  terminal.err(`${grouped(sender.published)} published in ${seconds(clock.now() - start)} s${duplicates}\n`);
  if (sender.last !== undefined) await terminal.out(`${positionText(sender.last)}\n`);
}

async function readInto(queue: LineQueue, context: Context, bodyOf: LinesJob["bodyOf"]): Promise<void> {
  const prefix = newPrefix(context);
  let number = 0;
  const toLine = (bytes: Uint8Array): Line => {
    number += 1;
    return { number, body: `${bodyOf(bytes)},"messageId":"${prefix}-${number}"}` };
  };
  try {
    for await (const lines of splitLines(context.terminal.input())) await queue.add(lines.map(toLine));
    queue.end();
  } catch (error) {
    queue.end(error instanceof Error ? error : new Error(String(error)));
  }
}

/** 96 random bits: the ids of two runs never meet. */
function newPrefix({ random }: Context): string {
  const bytes = new Uint8Array(12);
  random(bytes);
  return `cli-${bytes.toBase64({ alphabet: "base64url" })}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 2 : 0);
}
