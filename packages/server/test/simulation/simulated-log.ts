import { drainMicrotasks } from "bun:jsc";
import type { Message, Stored } from "@tidegate/protocol";
import {
  LogUnavailable,
  type Appended,
  type Interest,
  type LatestQuery,
  type Log,
  type Page,
  type ReadQuery,
  type RetainedPage,
  type TailHandler,
} from "../../src/log/log.ts";
import type { Random } from "../support/random.ts";
import type { SharedStore } from "./shared-store.ts";
import { type Mark, Wishes } from "./wishes.ts";

export interface LogManner {
  /** Each step of an append or read happens only when the world says so, as with a store across a network. */
  readonly slow: boolean;
  /** A read may see what the tail has not brought yet. */
  readonly earlyReads: boolean;
  /** The tail gives only what was asked for. */
  readonly byInterest: boolean;
  /** Chance that a call finds the engine away. */
  readonly failures: number;
}

interface Append {
  readonly messages: readonly Message[];
  readonly resolve: (results: readonly Appended[]) => void;
  readonly reject: (error: unknown) => void;
  sent: boolean;
  /** Set when stored: the results, and how many batches the tail must have brought before the answer. */
  results: readonly Appended[] | undefined;
  mark: number;
}

interface Read {
  readonly run: () => Promise<unknown>;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  sent: boolean;
  answer: (() => void) | undefined;
}

/** A gateway's view of a store that lives on when the gateway is killed. Slow, it behaves as a log across a network. */
export class SimulatedLog implements Log {
  readonly durability: Log["durability"];
  readonly epoch: string;
  readonly interest: ((filter: string) => Interest) | undefined;
  readonly #store: Log;
  readonly #wishes = new Wishes();
  readonly #random: Random;
  readonly #unfollow: () => void;
  #manner: LogManner;
  #tail: TailHandler | undefined;
  #appends: Append[] = [];
  #reads: Read[] = [];
  #batches: (readonly Stored[] | Mark)[] = [];
  #queued = 0;
  /** Newest offset that this gateway knows of. */
  #head: number;
  #brought = 0;
  #dead = false;

  constructor(store: SharedStore, manner: LogManner, random: Random) {
    const { log } = store;
    this.#store = log;
    this.#manner = manner;
    this.#random = random;
    this.durability = log.durability;
    this.epoch = log.epoch;
    this.#head = log.head();
    this.interest = manner.byInterest ? (filter) => this.#want(filter) : undefined;
    this.#unfollow = store.follow({ messages: (batch) => this.#came(batch) });
  }

  /** Calls that have no answer yet, and batches that the tail has not brought. */
  get underWay(): number {
    return this.#appends.length + this.#reads.length + this.#batches.length + this.#wishes.waits + this.#wishes.size;
  }

  head(): number {
    return this.#manner.byInterest ? this.#head : this.#store.head();
  }

  append(messages: readonly Message[]): Promise<readonly Appended[]> {
    if (this.#dead) return new Promise(() => {});
    if (this.#fails()) return Promise.reject(new LogUnavailable("the simulated engine is away"));
    if (!this.#manner.slow) return this.#store.append(messages).then((results) => this.#knows(results));
    return new Promise((resolve, reject) =>
      this.#appends.push({ messages, resolve, reject, sent: false, results: undefined, mark: 0 }),
    );
  }

  read(query: ReadQuery): Promise<Page> {
    return this.#ask(() => this.#store.read(query));
  }

  latest(query: LatestQuery): Promise<Page> {
    return this.#ask(() => this.#store.latest(query));
  }

  retained(filter: string, limit: number): Promise<readonly Stored[]> {
    return this.#ask(() => this.#store.retained(filter, limit));
  }

  retainedPage(query: ReadQuery): Promise<RetainedPage> {
    return this.#ask(() => this.#store.retainedPage(query));
  }

  tail(handler: TailHandler): () => void {
    this.#tail = handler;
    return () => (this.#tail = undefined);
  }

  trim(): Promise<void> {
    return this.#store.trim();
  }

  probe(): Promise<void> {
    return this.#store.probe();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** One thing happens, if there is any that can. */
  step(): boolean {
    const moves: (() => void)[] = [];
    const next = this.#appends.find((append) => !append.sent);
    if (next !== undefined) moves.push(() => this.#commit(next));
    if (this.#batches.length > 0) moves.push(() => this.#bring());
    moves.push(...this.#wishes.moves());
    if (this.#wishes.waits > 0) moves.push(() => this.#mark());
    const done = this.#appends[0];
    if (done?.results !== undefined && done.mark <= this.#brought) moves.push(() => this.#answer(done));
    const asked = this.#reads.filter(({ sent, answer }) => !sent || answer !== undefined);
    if (asked.length > 0) moves.push(() => this.#stepRead(this.#random.pick(asked)));
    if (moves.length === 0) return false;
    this.#random.pick(moves)();
    return true;
  }

  /** No failures from here on. */
  heal(): void {
    this.#manner = { ...this.#manner, failures: 0 };
  }

  /** The gateway is dead: some of what was under way is stored, the rest is lost, nothing is answered. */
  kill(): void {
    this.#dead = true;
    for (const append of this.#appends) {
      if (append.sent) continue;
      if (this.#random.chance(0.5)) break;
      this.#commit(append);
    }
    this.#tail = undefined;
    drainMicrotasks();
    this.#unfollow();
  }

  #fails(): boolean {
    return this.#manner.failures > 0 && this.#random.chance(this.#manner.failures);
  }

  #ask<T>(run: () => Promise<T>): Promise<T> {
    if (this.#dead) return new Promise(() => {});
    if (this.#fails()) return Promise.reject(new LogUnavailable("the simulated engine is away"));
    if (!this.#manner.slow) return run();
    return new Promise((resolve, reject) => this.#reads.push({ run, resolve, reject, sent: false, answer: undefined }));
  }

  #commit(append: Append): void {
    append.sent = true;
    void this.#store.append(append.messages).then((results) => {
      append.results = results;
      append.mark = this.#queued;
    });
  }

  #came(batch: readonly Stored[]): void {
    const mine = this.#manner.byInterest ? batch.filter(({ message }) => this.#wishes.covers(message.topic)) : batch;
    if (mine.length === 0) return;
    this.#batches.push(mine);
    this.#queued++;
    if (!this.#manner.slow) this.#bring();
  }

  #bring(): void {
    const batch = this.#batches.shift();
    if (batch === undefined) return;
    this.#brought++;
    if ("waiting" in batch) return this.#arrived(batch);
    this.#head = Math.max(this.#head, batch.at(-1)?.offset ?? 0);
    this.#tail?.messages(batch);
  }

  #want(filter: string): Interest {
    const { ready, end } = this.#wishes.take(filter);
    if (!this.#manner.slow) this.#settleWishes();
    return { ready, end, catchUp: () => this.#catchUp() };
  }

  #catchUp(): Promise<number> {
    if (this.#dead) return new Promise(() => {});
    const mark = this.#wishes.wait();
    if (!this.#manner.slow) this.#settleWishes();
    return mark;
  }

  #settleWishes(): void {
    for (const move of this.#wishes.moves()) move();
    this.#mark();
    this.#bring();
  }

  /** A mark is set behind everything that is stored, or takes too long. */
  #mark(): void {
    if (this.#fails()) return this.#wishes.fail();
    const mark = this.#wishes.mark(this.#store.head());
    if (mark === undefined) return;
    this.#batches.push(mark);
    this.#queued++;
  }

  #arrived({ offset, waiting }: Mark): void {
    this.#head = Math.max(this.#head, offset);
    for (const { resolve } of waiting) resolve(offset);
  }

  #answer(append: Append): void {
    this.#appends.shift();
    append.resolve(this.#knows(append.results ?? []));
  }

  /** What this gateway was told of its own messages. */
  #knows(results: readonly Appended[]): readonly Appended[] {
    if (!this.#manner.byInterest) return results;
    for (const { stored } of results) this.#head = Math.max(this.#head, stored.offset);
    return results.map(({ stored: { offset }, duplicate }) => ({ stored: { offset, previous: undefined }, duplicate }));
  }

  #stepRead(read: Read): void {
    if (read.answer !== undefined) {
      this.#reads.splice(this.#reads.indexOf(read), 1);
      return read.answer();
    }
    read.sent = true;
    if (!this.#manner.earlyReads) while (this.#batches.length > 0) this.#bring();
    read.run().then(
      (result) => (read.answer = () => read.resolve(result as never)),
      (error: unknown) => (read.answer = () => read.reject(error)),
    );
  }
}
