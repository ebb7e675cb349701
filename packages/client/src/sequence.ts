import type { Retrying } from "./backoff.ts";
import type { Channel } from "./connection.ts";
import type { Cursor } from "./cursor.ts";
import { Filler, GONE, type NewestFill } from "./filler.ts";
import { type Held, Hold } from "./hold.ts";
import type { Gap, Message } from "./message.ts";

export interface SequenceSetup {
  readonly topic: string;
  readonly wildcard: boolean;
  readonly windowed: boolean;
  /** Whether what is missing is fetched. */
  readonly repair: boolean;
  readonly cursor: Cursor;
  readonly retrying: Retrying;
  readonly events: SequenceEvents;
}

export interface SequenceEvents {
  readonly message: (message: Message) => void;
  readonly gap: (gap: Gap) => void;
  /** Something is fetched, and newer messages wait for it. */
  readonly repairing: () => void;
  /** Nothing waits any more. */
  readonly flowing: () => void;
  /** A filter's messages after this offset can only come by subscribing again. */
  readonly again: (after: number) => void;
}

/** Tells of messages up to `to` that could not be had. */
export type Report = (cause: string, to: number) => void;

/** Gives out a subscription's messages in order: finds what is missing, fetches it, and holds newer ones back meanwhile. */
export class Sequence {
  readonly #setup: SequenceSetup;
  #channel: Channel | undefined;
  #hold: Hold | undefined;
  #filler: Filler | undefined;
  /** Grows when what is under way is given up. */
  #stops = 0;
  #over = false;

  constructor(setup: SequenceSetup) {
    this.#setup = setup;
  }

  /** Where missing messages are asked for; undefined without a connection. */
  set channel(channel: Channel | undefined) {
    this.#channel = channel;
  }

  /** From now on messages wait for `resume`. */
  hold(): void {
    this.#hold ??= new Hold();
  }

  /** Gives up what is under way, and forgets what waits: the next subscribe brings it again. */
  stop(): void {
    this.#stops++;
    this.#filler?.stop();
    this.#filler = this.#hold = undefined;
  }

  /** For good: nothing is given out any more. */
  end(): void {
    this.#over = true;
    this.stop();
  }

  push(entry: Held): void {
    if (this.#hold) this.#hold.add(entry);
    else this.#take(entry);
  }

  /** Goes on with what was held back. One of those may need a repair again; each brings the stream forward. */
  resume(): void {
    const entries = this.#hold?.entries ?? [];
    const stops = this.#stops;
    this.#filler = this.#hold = undefined;
    for (const [i, entry] of entries.entries()) {
      this.#take(entry);
      if (this.#stops !== stops) return;
      if (this.#hold) return this.#keep(entries.slice(i + 1));
    }
    this.#setup.events.flowing();
  }

  /** Fetches what follows on a topic's last message seen. The caller goes on by `resume`. */
  fill(topic: string, report: Report, done: (fault: string | undefined) => void): void {
    const { cursor } = this.#setup;
    const after = cursor.seen(topic);
    const epoch = cursor.position?.epoch ?? "";
    const page = (messages: readonly Message[]): void => void this.page(messages, report);
    this.#filling()?.run({ topic, epoch, after, done, page });
  }

  /** Fetches the newest messages. The caller goes on by `resume`. */
  newest(fill: NewestFill): void {
    this.#filling()?.newest(fill);
  }

  /** Gives out messages of the history. False if that was ended in the middle. */
  page(messages: readonly Message[], report: Report): boolean {
    const { cursor, wildcard } = this.#setup;
    const stops = this.#stops;
    for (const message of messages) {
      if (this.#stops !== stops) return false;
      const verdict = cursor.judge(message);
      if (verdict === "gap") report(GONE, message.previous);
      // Of a filter's other topics nothing is known up to here: only its live messages move its position.
      if (verdict !== "duplicate") this.#give(message, !wildcard);
    }
    return this.#stops === stops;
  }

  #take(entry: Held): void {
    if (entry.kind === "gap") return this.#skipped(entry);
    const { message } = entry;
    const { cursor, windowed } = this.#setup;
    const verdict = cursor.judge(message);
    if (verdict === "gap") this.#broken(message);
    else if (verdict === "next" || (message.redelivered && windowed)) this.#give(message);
    // The history gave it, and now the live stream is as far.
    else cursor.advance(message.offset);
  }

  /** The chain has a break before `message`. */
  #broken(message: Message): void {
    const { cursor, events } = this.#setup;
    const { topic, previous } = message;
    const report = (cause: string, to: number): void => events.gap({ topic, after: cursor.seen(topic), to, cause });
    const close = (fault: string | undefined): void => {
      if (cursor.seen(topic) < previous) report(fault ?? GONE, previous);
      cursor.close(topic, previous);
    };
    if (!this.#canRepair()) {
      close("it is not to be repaired");
      return this.#give(message);
    }
    this.hold();
    this.push({ kind: "message", message });
    this.fill(topic, report, (fault) => (close(fault), this.resume()));
  }

  /** The server says that it left messages out. */
  #skipped({ after, to }: { readonly after: number; readonly to: number }): void {
    const { topic, wildcard, cursor, events } = this.#setup;
    if (!wildcard && to <= cursor.seen(topic)) return;
    const report = (cause: string, end: number): void => events.gap({ topic, after, to: end, cause });
    const close = (fault: string): void => {
      report(fault, to);
      cursor.excuse(to);
      cursor.advance(to);
    };
    if (!this.#canRepair()) close("the server left it out");
    else if (wildcard) events.again(after);
    else this.fill(topic, report, (fault) => (fault !== undefined && close(fault), this.resume()));
  }

  #canRepair(): boolean {
    return this.#setup.repair && this.#setup.cursor.position !== undefined && this.#channel !== undefined;
  }

  #filling(): Filler | undefined {
    if (!this.#channel) return undefined;
    const { retrying, events } = this.#setup;
    this.#filler?.stop();
    this.hold();
    this.#filler = new Filler(this.#channel, retrying);
    events.repairing();
    return this.#filler;
  }

  #keep(rest: readonly Held[]): void {
    for (const entry of rest) this.#hold?.add(entry);
  }

  #give(message: Message, moves = true): void {
    if (this.#over) return;
    const { cursor, events } = this.#setup;
    if (moves) cursor.advance(message.offset);
    events.message(cursor.give(message));
  }
}
