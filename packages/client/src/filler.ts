import type { Retrying } from "./backoff.ts";
import type { Channel } from "./connection.ts";
import type { TidegateError } from "./errors.ts";
import type { Message } from "./message.ts";
import type { Replies } from "./wire.ts";

/** Messages in one page: a few of them fill any gap of seconds, and none blocks the connection for long. */
const PAGE = 200;
/** Messages of one fill. An app that was away for longer reads the rest by `history` as it needs it. */
const MOST = 10_000;

/** The cause of most gaps. */
export const GONE = "the server no longer has all of it";

export interface Fill {
  readonly topic: string;
  readonly epoch: string;
  readonly after: number;
  /** A page of what was missing, oldest first. Where the server has removed something, the chain has a break. */
  page(messages: readonly Message[]): void;
  /** `fault` says why something is still missing. */
  done(fault: string | undefined): void;
}

export interface NewestFill {
  readonly topic: string;
  readonly before: number;
  readonly count: number;
  readonly done: (messages: readonly Message[], fault?: string) => void;
}

/** Reads what a subscription missed from the history of one topic, page by page. */
export class Filler {
  readonly #channel: Channel;
  readonly #retrying: Retrying;
  #stopped = false;
  #failures = 0;
  /** When the first of these failures was, in milliseconds since 1970. */
  #failingSince = 0;
  #cancel = (): void => {};

  constructor(channel: Channel, retrying: Retrying) {
    this.#channel = channel;
    this.#retrying = retrying;
  }

  /** Nothing is called any more: the connection or the subscription is gone. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  run(fill: Fill, left = MOST): void {
    const body = { topic: fill.topic, after: { epoch: fill.epoch, offset: fill.after }, limit: Math.min(PAGE, left) };
    this.#ask(
      body,
      (reply) => this.#took(fill, reply, left),
      (fault) => fill.done(fault),
    );
  }

  /** The newest `count` messages before an offset, in one piece, oldest first. */
  newest({ topic, before, count, done }: NewestFill): void {
    const found: Message[] = [];
    const next = (end: number): void => {
      const limit = Math.min(PAGE, count - found.length);
      this.#ask({ topic, before: end, limit }, took, (fault) => done(found, fault));
    };
    const took = (reply: Replies["history"]): void => {
      found.unshift(...reply.messages);
      const first = reply.messages[0];
      if (first && reply.more && found.length < count) next(first.offset);
      else done(found);
    };
    next(before);
  }

  #took(fill: Fill, reply: Replies["history"], left: number): void {
    if (reply.epoch !== fill.epoch) return fill.done("the log was made anew");
    if (!reply.complete && reply.messages.length === 0) return fill.done(GONE);
    fill.page(reply.messages);
    const last = reply.messages.at(-1)?.offset ?? fill.after;
    const rest = left - reply.messages.length;
    if (this.#stopped) return;
    if (!reply.more || last <= fill.after) fill.done(undefined);
    else if (rest <= 0) fill.done(`more than ${MOST} messages were missed`);
    else this.run({ ...fill, after: last }, rest);
  }

  #ask(body: object, done: (reply: Replies["history"]) => void, failed: (fault: string) => void): void {
    this.#channel.send(
      "history",
      body,
      (reply) => {
        this.#failures = 0;
        if (!this.#stopped) done(reply);
      },
      (error) => this.#failed(error, () => this.#ask(body, done, failed), failed),
    );
  }

  /** A lost connection calls `stop` right after; the next one begins anew. */
  #failed(error: TidegateError, again: () => void, failed: (fault: string) => void): void {
    if (this.#stopped || error.reason === "connection_lost") return;
    const { clock, backoff, patience } = this.#retrying;
    if (this.#failures === 0) this.#failingSince = clock.now();
    if (!error.temporary || clock.now() - this.#failingSince >= patience) return failed(error.message);
    this.#cancel = clock.after(backoff(this.#failures++, error.reason), again);
  }
}
