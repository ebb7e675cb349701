import { type BackoffRange, backoff } from "./backoff.ts";
import { TOKEN_EXPIRED } from "./codes.ts";
import type { Channel } from "./connection.ts";
import type { Environment } from "./environment.ts";
import type { TidegateError } from "./errors.ts";
import { Filler, GONE } from "./filler.ts";
import { type Held, Hold } from "./hold.ts";
import { type Gap, type Message, type Position, positionOf } from "./message.ts";
import { Tracker } from "./tracker.ts";
import type { SubscribeReply } from "./wire.ts";

export interface FeedOptions {
  readonly since?: Position;
  readonly history?: number;
  readonly retained?: boolean;
  readonly presence?: true | object;
  readonly window?: number;
  readonly repair?: boolean;
}

export type FeedState = "waiting" | "subscribing" | "live" | "repairing";

export interface FeedEvents {
  state(state: FeedState): void;
  message(message: Message): void;
  gap(gap: Gap): void;
  recovered(whole: boolean): void;
  ended(error: TidegateError | undefined): void;
}

/** Tells of messages up to `to` that could not be had. */
type Report = (cause: string, to: number) => void;

/** What a feed needs of the connection that is up. */
export interface FeedChannel extends Channel {
  tell(command: "ack", body: object): void;
  /** Unsubscribes, and drops what the server sent before it did so. */
  leave(topic: string): void;
}

export interface FeedContext {
  readonly env: Environment;
  readonly range: BackoffRange;
  readonly events: FeedEvents;
}

/** One subscription's stream: subscribes on each connection from where it stood, and makes the messages whole. */
export class Feed {
  readonly topic: string;
  readonly #options: FeedOptions;
  readonly #context: FeedContext;
  readonly #wildcard: boolean;
  #channel: FeedChannel | undefined;
  #tracker: Tracker;
  /** Where to resume: the last message, or with a window the last one acknowledged. */
  #position: Position | undefined;
  /** The greatest offset that was ever given out. */
  #given = 0;
  #hold: Hold | undefined;
  #filler: Filler | undefined;
  #cancelRetry = (): void => {};
  #refusals = 0;
  #wasLive = false;
  /** Grows when what is under way is given up. */
  #pauses = 0;
  #over = false;

  constructor(topic: string, options: FeedOptions, context: FeedContext) {
    this.topic = topic;
    this.#options = options;
    this.#context = context;
    this.#wildcard = /[+#]/.test(topic);
    this.#position = options.since && positionOf(options.since);
    this.#tracker = fresh(this.#position);
  }

  get position(): Position | undefined {
    return this.#position;
  }

  up(channel: FeedChannel): void {
    this.#channel = channel;
    this.#refusals = 0;
    this.#subscribe(this.#position);
  }

  /** The server subscribed by itself (the personal topic); `since` went with `connect`. */
  joined(channel: FeedChannel, reply: SubscribeReply): void {
    this.#channel = channel;
    this.#begin(this.#position);
    this.#subscribed(reply, this.#position);
  }

  down(): void {
    this.#channel = undefined;
    this.#pause();
    if (!this.#over) this.#context.events.state("waiting");
  }

  push(entry: Held): void {
    if (this.#over) return;
    if (this.#hold) this.#hold.add(entry);
    else this.#take(entry);
  }

  ack(offset: number): void {
    const at = this.#position;
    if (at) this.#position = { epoch: at.epoch, offset: Math.max(at.offset, offset) };
    this.#channel?.tell("ack", { topic: this.topic, offset });
  }

  /** The server ended the subscription. */
  dropped(error: TidegateError): void {
    this.#pause();
    this.#refused(error);
  }

  end(error?: TidegateError): void {
    if (this.#over) return;
    this.#over = true;
    this.#pause();
    this.#context.events.ended(error);
  }

  #pause(): void {
    this.#pauses++;
    this.#cancelRetry();
    this.#filler?.stop();
    this.#filler = this.#hold = undefined;
  }

  #subscribe(since: Position | undefined): void {
    this.#begin(since);
    const { presence, window, retained } = this.#options;
    this.#context.events.state("subscribing");
    // With a position the replay has the newest values too, and a retained one ahead of it would break the order.
    const body = { topic: this.topic, since, presence, window, retained: since ? undefined : retained };
    this.#channel?.send(
      "subscribe",
      body,
      (reply) => this.#subscribed(reply, since),
      (error) => this.#refused(error),
    );
  }

  #begin(since: Position | undefined): void {
    if (since === undefined && this.#options.history) this.#hold = new Hold();
    // What was not acknowledged comes again and must not be taken for a duplicate.
    if (since === undefined || this.#options.window) this.#tracker = fresh(since);
  }

  #subscribed(reply: SubscribeReply, since: Position | undefined): void {
    if (this.#over) return;
    this.#refusals = 0;
    const { epoch, offset } = reply;
    if (epoch === undefined || offset === undefined) this.#unplaced();
    else if (since === undefined) this.#placed({ epoch, offset });
    else if (since.epoch === epoch && reply.recovered === true) this.#recovered(true);
    else if (this.#wildcard) this.#skipTo({ epoch, offset }, since);
    else this.#refill({ epoch, offset }, since);
  }

  /** A filter over several namespaces: their offsets do not compare, so nothing can be resumed. */
  #unplaced(): void {
    this.#position = undefined;
    if (this.#wasLive) this.#gap(this.topic, undefined, undefined, "a filter over several namespaces has no position");
    this.#live();
  }

  #placed(at: Position): void {
    this.#tracker.excuse(at.offset);
    const count = this.#options.history;
    if (count) return this.#newest(at, count);
    if (!this.#options.retained) this.#tracker.raiseFloor(at.offset);
    this.#position = { epoch: at.epoch, offset: this.#options.window ? at.offset : Math.max(at.offset, this.#given) };
    this.#live();
  }

  #newest(at: Position, count: number): void {
    const done = (messages: readonly Message[], fault?: string): void => {
      this.#position = { epoch: at.epoch, offset: 0 };
      if (fault !== undefined) this.#gap(this.topic, undefined, at.offset, fault);
      this.#page(messages, () => {});
      this.#tracker.raiseFloor(at.offset);
      this.#advance(at.offset);
      this.#resume();
    };
    this.#fillWith((filler) => filler.newest({ topic: this.topic, before: at.offset + 1, count, done }));
  }

  #skipTo(at: Position, since: Position): void {
    const same = at.epoch === since.epoch;
    this.#gap(this.topic, since.offset, same ? at.offset : undefined, lossCause(same));
    if (same) this.#tracker.excuse(at.offset);
    else this.#tracker = new Tracker(0, at.offset);
    this.#position = at;
    this.#recovered(false);
  }

  /** The server could not replay: the history may still have all, or the newest part, of what was missed. */
  #refill(at: Position, since: Position): void {
    const same = at.epoch === since.epoch;
    let whole = same;
    if (!same) {
      this.#gap(this.topic, since.offset, undefined, lossCause(false));
      this.#tracker = fresh(undefined);
      this.#position = { epoch: at.epoch, offset: 0 };
      this.#given = 0;
    }
    const report = (cause: string, to: number): void => {
      if (whole) this.#lost(this.topic, to, cause);
      whole = false;
    };
    this.#fill(this.topic, report, (fault) => {
      if (fault !== undefined) report(fault, at.offset);
      this.#tracker.excuse(at.offset);
      if (fault !== undefined) this.#advance(at.offset);
      this.#context.events.recovered(whole);
      this.#resume();
    });
  }

  #take(entry: Held): void {
    if (entry.kind === "gap") return this.#skipped(entry);
    const { message } = entry;
    const verdict = this.#tracker.judge(message);
    if (verdict === "next") this.#give(message);
    else if (verdict === "gap") this.#broken(message);
    else if (message.redelivered && this.#options.window) this.#give(message);
  }

  /** The chain has a break before `message`. */
  #broken(message: Message): void {
    const { topic, previous } = message;
    const report = (cause: string, to: number): void => this.#lost(topic, to, cause);
    const close = (fault: string | undefined): void => {
      if (this.#tracker.seen(topic) < previous) report(fault ?? GONE, previous);
      this.#tracker.mark(topic, previous);
    };
    if (!this.#canRepair()) return (close("it is not to be repaired"), this.#give(message));
    (this.#hold ??= new Hold()).add({ kind: "message", message });
    this.#fill(topic, report, (fault) => (close(fault), this.#resume()));
  }

  /** The server says that it left messages out. */
  #skipped({ after, to }: { readonly after: number; readonly to: number }): void {
    if (!this.#wildcard && to <= this.#tracker.seen(this.topic)) return;
    const report = (cause: string, end: number): void => this.#gap(this.topic, after, end, cause);
    const close = (fault: string): void => {
      report(fault, to);
      this.#tracker.excuse(to);
      this.#advance(to);
    };
    if (!this.#canRepair()) close("the server left it out");
    else if (this.#wildcard) this.#again(after);
    else this.#fill(this.topic, report, (fault) => (fault !== undefined && close(fault), this.#resume()));
  }

  /** History is of single topics: what a filter missed comes by subscribing again. */
  #again(after: number): void {
    const at = this.#position;
    if (!at) return;
    this.#pause();
    this.#channel?.leave(this.topic);
    this.#subscribe({ epoch: at.epoch, offset: Math.min(at.offset, after) });
  }

  #canRepair(): boolean {
    return this.#options.repair !== false && this.#position !== undefined && this.#channel !== undefined;
  }

  #fill(topic: string, report: Report, done: (fault: string | undefined) => void): void {
    const after = this.#tracker.seen(topic);
    const epoch = this.#position?.epoch ?? "";
    const page = (messages: readonly Message[]): void => this.#page(messages, report);
    this.#fillWith((filler) => filler.run({ topic, epoch, after, done, page }));
  }

  #fillWith(run: (filler: Filler) => void): void {
    const { env, range, events } = this.#context;
    if (!this.#channel) return;
    this.#filler?.stop();
    this.#hold ??= new Hold();
    this.#filler = new Filler(this.#channel, env, range);
    events.state("repairing");
    run(this.#filler);
  }

  #page(messages: readonly Message[], report: Report): void {
    for (const message of messages) {
      if (this.#over) return;
      const verdict = this.#tracker.judge(message);
      if (verdict === "gap") report(GONE, message.previous);
      if (verdict !== "duplicate") this.#give(message);
    }
  }

  /** Goes on with what was held back. One of those may need a repair again; each brings the stream forward. */
  #resume(): void {
    const entries = this.#hold?.entries ?? [];
    const pauses = this.#pauses;
    this.#filler = this.#hold = undefined;
    for (const [i, entry] of entries.entries()) {
      this.#take(entry);
      if (this.#pauses !== pauses) return;
      if (this.#hold) return this.#keep(entries.slice(i + 1));
    }
    this.#live();
  }

  #keep(rest: readonly Held[]): void {
    for (const entry of rest) this.#hold?.add(entry);
  }

  #give(message: Message): void {
    const again = this.#options.window !== undefined && message.offset <= this.#given;
    this.#tracker.mark(message.topic, message.offset);
    this.#given = Math.max(this.#given, message.offset);
    if (!this.#options.window) this.#advance(message.offset);
    this.#context.events.message(again ? { ...message, redelivered: true } : message);
  }

  #advance(offset: number): void {
    const at = this.#position;
    if (at && offset > at.offset) this.#position = { epoch: at.epoch, offset };
  }

  #lost(topic: string, to: number, cause: string): void {
    this.#gap(topic, this.#tracker.seen(topic), to, cause);
  }

  #gap(topic: string, after: number | undefined, to: number | undefined, cause: string): void {
    this.#context.events.gap({ topic, after, to, cause });
  }

  #recovered(whole: boolean): void {
    this.#context.events.recovered(whole);
    this.#live();
  }

  #live(): void {
    if (this.#over || !this.#channel || this.#hold) return;
    this.#wasLive = true;
    this.#context.events.state("live");
  }

  #refused(error: TidegateError): void {
    if (this.#over || error.reason === "connection_lost") return;
    // The server may or may not have done it: only a new connection is sure.
    if (error.reason === "timeout" || error.code === TOKEN_EXPIRED)
      return this.#channel?.fail(error.reason, error.message);
    if (!error.temporary) return this.end(error);
    const { env, range, events } = this.#context;
    const wait = backoff(range, this.#refusals++, env.random);
    events.state("waiting");
    this.#cancelRetry = env.clock.after(wait, () => this.#channel && this.#subscribe(this.#position));
  }
}

/** Until the reply says where a new subscription begins, nothing counts as missing. */
function fresh(since: Position | undefined): Tracker {
  return since ? new Tracker(since.offset, since.offset) : new Tracker(0, Infinity);
}

function lossCause(sameLog: boolean): string {
  return sameLog ? GONE : "the log was made anew";
}
