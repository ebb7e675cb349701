import type { Clock } from "../clock.ts";
import { Fifo } from "../log/fifo.ts";
import type { Interest } from "../log/log.ts";
import { newestOf, type Stream } from "../log/stream.ts";

/** Milliseconds for which nobody's filter stays in force: a client that comes back finds it. */
const LINGER = 5000;
/** Filters that are kept for nobody. */
const MOST_IDLE = 10_000;

interface Held {
  readonly filter: string;
  readonly parts: readonly Part[];
  users: number;
  state: "pending" | "in force" | "failed";
  /** Settles when the state is not pending any more; undefined once it is in force. */
  ready: Promise<void> | undefined;
  /** When it became nobody's, and when it was put to those that are looked through; undefined: it is not among them. */
  idleSince: number;
  queuedAt: number | undefined;
}

interface Part {
  readonly stream: Stream;
  readonly interest: Interest;
}

/** A filter, and offsets by the epoch of their log that delivery must have come to. */
export interface Wish {
  readonly filter: string;
  readonly since?: ReadonlyMap<string, number>;
}

/** Filters that are asked for until groups have them. */
export interface Hold {
  /** Rejects with `LogUnavailable`. */
  readonly ready: Promise<unknown>;
  end(): void;
}

/** What this node asks of logs whose tail goes by interest: once for each filter. */
export class Interests {
  readonly #clock: Clock;
  readonly #streamsOf: (filter: string) => readonly Stream[];
  readonly #held = new Map<string, Held>();
  readonly #idle = new Fifo<Held>();
  #sweeping = false;

  /** `streamsOf`: the logs that may hold topics of a filter. */
  constructor(clock: Clock, streamsOf: (filter: string) => readonly Stream[]) {
    this.#clock = clock;
    this.#streamsOf = streamsOf;
  }

  /** Filters that are asked for, also those that are nobody's any more. */
  get size(): number {
    return this.#held.size;
  }

  /** Somebody wants the filter. */
  take(filter: string): void {
    const held = this.#held.get(filter);
    if (held === undefined) this.#ask(filter, 1);
    else held.users += 1;
  }

  release(filter: string): void {
    const held = this.#held.get(filter);
    if (held === undefined || --held.users > 0) return;
    held.idleSince = this.#clock.now();
    if (held.queuedAt === undefined) this.#queue(held);
    if (this.#idle.size > MOST_IDLE) this.#end(this.#idle.shift());
    this.#sweepLater();
  }

  /** Undefined: the filter is in force, or goes by no interest. Rejects with `LogUnavailable`. */
  ready(filter: string): Promise<void> | undefined {
    const held = this.#held.get(filter);
    if (held === undefined || held.state === "in force") return undefined;
    // It comes into force later all the same, and nobody would be told when: it is asked for once more.
    if (held.state === "failed") this.#ask(filter, held.users);
    return this.#held.get(filter)?.ready;
  }

  /** Undefined: all are in force, and as far as they must be. */
  hold(wanted: readonly Wish[]): Hold | undefined {
    for (const { filter } of wanted) this.take(filter);
    const end = (): void => wanted.forEach(({ filter }) => this.release(filter));
    const pending = wanted.map((wish) => this.#grant(wish)).filter((ready) => ready !== undefined);
    if (pending.length > 0) return { ready: Promise.all(pending), end };
    end();
    return undefined;
  }

  /** Afterwards delivery has seen what any node knew of before. Rejects with `LogUnavailable`. */
  async catchUp(filter: string): Promise<void> {
    const held = this.#held.get(filter);
    const come = async ({ stream, interest }: Part): Promise<void> => {
      const offset = await interest.catchUp();
      if (this.#held.get(filter) === held) reach(stream, offset);
    };
    await Promise.all((held?.parts ?? []).map(come));
  }

  /** A log is another one: what was asked of it is asked anew. */
  renew(stream: Stream): void {
    for (const [filter, held] of [...this.#held]) {
      if (!held.parts.some((part) => part.stream === stream)) continue;
      if (held.users > 0) this.#ask(filter, held.users);
      else this.#end(held);
    }
  }

  #grant(wish: Wish): Promise<void> | undefined {
    const { filter, since } = wish;
    const ready = this.ready(filter);
    if (ready !== undefined) return ready.then(() => this.#grant(wish));
    const held = this.#held.get(filter);
    if (held === undefined) return undefined;
    const isBehind = held.parts.some(({ stream }) => newestOf(stream) < (since?.get(stream.log.epoch) ?? 0));
    return isBehind ? this.catchUp(filter) : undefined;
  }

  #ask(filter: string, users: number): void {
    const before = this.#held.get(filter);
    const parts: Part[] = [];
    for (const stream of this.#streamsOf(filter)) {
      const interest = stream.log.interest?.(filter);
      if (interest !== undefined) parts.push({ stream, interest });
    }
    // Not before the new ones are there: the log keeps what it has.
    for (const { interest } of before?.parts ?? []) interest.end();
    if (parts.length === 0) return void this.#held.delete(filter);
    const arrive = async ({ stream, interest }: Part): Promise<void> => {
      const offset = await interest.ready;
      // A log that became another one meanwhile is asked anew.
      if (this.#held.get(filter) === held) reach(stream, offset);
    };
    const ready = Promise.all(parts.map(arrive)).then(
      () => {
        held.state = "in force";
        held.ready = undefined;
      },
      (error: unknown) => {
        held.state = "failed";
        throw error;
      },
    );
    // Who waits hears of it; perhaps nobody does.
    ready.catch(() => undefined);
    const held: Held = { filter, parts, users, state: "pending", ready, idleSince: 0, queuedAt: undefined };
    this.#held.set(filter, held);
  }

  #queue(held: Held): void {
    held.queuedAt = held.idleSince;
    this.#idle.push(held);
  }

  #sweepLater(): void {
    if (this.#sweeping || this.#idle.size === 0) return;
    this.#sweeping = true;
    this.#clock.after(LINGER, () => {
      this.#sweeping = false;
      this.#sweep(this.#clock.now() - LINGER);
      this.#sweepLater();
    });
  }

  #sweep(until: number): void {
    for (let first = this.#idle.first; (first?.queuedAt ?? Infinity) <= until; first = this.#idle.first) {
      this.#idle.shift();
      // It was somebody's meanwhile, and is nobody's again.
      if (first !== undefined && first.users === 0 && first.idleSince > until) this.#queue(first);
      else this.#end(first);
    }
  }

  /** It may be somebody's again. */
  #end(held: Held | undefined): void {
    if (held === undefined) return;
    held.queuedAt = undefined;
    if (held.users > 0 || this.#held.get(held.filter) !== held) return;
    this.#held.delete(held.filter);
    for (const { interest } of held.parts) interest.end();
  }
}

/** What an interest is in force for has no message before its offset that delivery has still to see. */
function reach(stream: Stream, offset: number): void {
  if (offset > stream.dispatched) stream.dispatched = offset;
}
