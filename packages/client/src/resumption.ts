import type { Cursor } from "./cursor.ts";
import { GONE } from "./filler.ts";
import type { Gap, Message, Position } from "./message.ts";
import type { Sequence } from "./sequence.ts";
import type { SubscribeOptions } from "./subscribe-options.ts";
import type { SubscribeReply } from "./wire.ts";

export interface ResumptionSetup {
  readonly topic: string;
  readonly wildcard: boolean;
  readonly options: SubscribeOptions;
  readonly cursor: Cursor;
  readonly sequence: Sequence;
  readonly gap: (gap: Gap) => void;
  readonly recovered: (whole: boolean) => void;
}

/** What the reply to `subscribe` means for what was missed: nothing, all comes, or what can be had must be fetched. */
export class Resumption {
  readonly #setup: ResumptionSetup;
  #replies = 0;

  constructor(setup: ResumptionSetup) {
    this.#setup = setup;
  }

  /** `since` is the position that went with `subscribe`. */
  take({ epoch, offset, recovered }: SubscribeReply, since: Position | undefined): void {
    this.#replies++;
    if (epoch === undefined || offset === undefined) this.#unplaced();
    else if (since === undefined) this.#start({ epoch, offset });
    else if (since.epoch === epoch && recovered === true) this.#recovered(true);
    else if (this.#setup.wildcard) this.#skipTo({ epoch, offset }, since);
    else this.#refill({ epoch, offset }, since);
  }

  /** A filter over several namespaces: their offsets do not compare, so nothing can be resumed. */
  #unplaced(): void {
    this.#setup.cursor.unplace();
    if (this.#replies > 1) this.#gap(undefined, undefined, "a filter over several namespaces has no position");
    this.#setup.sequence.resume();
  }

  #start(at: Position): void {
    const { options, cursor, sequence } = this.#setup;
    cursor.excuse(at.offset);
    if (options.history) return this.#newest(at, options.history);
    if (!options.retained) cursor.skip(at.offset);
    cursor.start(at);
    sequence.resume();
  }

  #newest(at: Position, count: number): void {
    const { topic, cursor, sequence } = this.#setup;
    const done = (messages: readonly Message[], fault?: string): void => {
      cursor.open(at.epoch);
      if (fault !== undefined) this.#gap(undefined, at.offset, fault);
      if (!sequence.page(messages, () => {})) return;
      cursor.skip(at.offset);
      cursor.resumeAfter(at.offset);
      sequence.resume();
    };
    sequence.newest({ topic, before: at.offset + 1, count, done });
  }

  #skipTo(at: Position, since: Position): void {
    const same = at.epoch === since.epoch;
    this.#gap(since.offset, same ? at.offset : undefined, lossCause(same));
    if (same) this.#setup.cursor.skipTo(at);
    else this.#setup.cursor.renew(at, at.offset);
    this.#recovered(false);
  }

  /** The server could not replay: the history may still have all, or the newest part, of what was missed. */
  #refill(at: Position, since: Position): void {
    const { topic, cursor, sequence } = this.#setup;
    let whole = at.epoch === since.epoch;
    if (!whole) {
      this.#gap(since.offset, undefined, lossCause(false));
      cursor.renew({ epoch: at.epoch, offset: 0 }, Infinity);
    }
    const report = (cause: string, to: number): void => {
      if (whole) this.#gap(cursor.seen(topic), to, cause);
      whole = false;
    };
    sequence.fill(topic, report, (fault) => {
      if (fault !== undefined) report(fault, at.offset);
      cursor.excuse(at.offset);
      if (fault !== undefined) cursor.advance(at.offset);
      this.#recovered(whole);
    });
  }

  #recovered(whole: boolean): void {
    this.#setup.recovered(whole);
    this.#setup.sequence.resume();
  }

  #gap(after: number | undefined, to: number | undefined, cause: string): void {
    this.#setup.gap({ topic: this.#setup.topic, after, to, cause });
  }
}

function lossCause(sameLog: boolean): string {
  return sameLog ? GONE : "the log was made anew";
}
