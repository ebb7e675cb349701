import type { Message, Stored } from "@tidegate/protocol";
import { wait, type Clock } from "../clock.ts";
import {
  LogUnavailable,
  type Appended,
  type Durability,
  type Interest,
  type LatestQuery,
  type Log,
  type Page,
  type ReadQuery,
  type RetainedPage,
  type TailHandler,
} from "./log.ts";

/** Opens a log. `lost` is called when it finds that its engine has lost it: it refuses everything from then on. */
export type OpenLog = (lost: () => void) => Promise<Log>;

export interface RenewableParts {
  readonly open: OpenLog;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

export interface RenewalWatcher {
  /** A new log is there; for the last time this one is what it was. */
  ending(): void;
  /** It is the new one: another epoch, other offsets, other interests. */
  renewed(): void;
}

/** A log that is opened anew where it is lost, so that whoever holds it has the new one. */
export class RenewableLog implements Log {
  readonly #parts: RenewableParts;
  #inner: Log;
  #handler: TailHandler | undefined;
  #endTail = (): void => {};
  #watcher: RenewalWatcher | undefined;
  #renewal: Promise<void> | undefined;
  #closed = false;

  private constructor(inner: Log, parts: RenewableParts) {
    this.#inner = inner;
    this.#parts = parts;
  }

  /** Rejects as `open` does. */
  static async open(parts: RenewableParts): Promise<RenewableLog> {
    const log: RenewableLog = new RenewableLog(await parts.open(() => log.#lost()), parts);
    return log;
  }

  get durability(): Durability {
    return this.#inner.durability;
  }

  get epoch(): string {
    return this.#inner.epoch;
  }

  get interest(): ((filter: string) => Interest) | undefined {
    return this.#inner.interest;
  }

  get share(): Log["share"] {
    return this.#inner.share;
  }

  get strain(): number {
    return this.#inner.strain ?? 0;
  }

  watch(watcher: RenewalWatcher): void {
    this.#watcher = watcher;
  }

  head(): number {
    return this.#inner.head();
  }

  append(messages: readonly Message[]): Promise<readonly Appended[]> {
    return this.#inner.append(messages);
  }

  read(query: ReadQuery): Promise<Page> {
    return this.#inner.read(query);
  }

  latest(query: LatestQuery): Promise<Page> {
    return this.#inner.latest(query);
  }

  retained(filter: string, limit: number): Promise<readonly Stored[]> {
    return this.#inner.retained(filter, limit);
  }

  retainedPage(query: ReadQuery): Promise<RetainedPage> {
    return this.#inner.retainedPage(query);
  }

  tail(handler: TailHandler): () => void {
    this.#endTail = this.#inner.tail(handler);
    this.#handler = handler;
    return () => {
      if (this.#handler !== handler) return;
      this.#handler = undefined;
      this.#endTail();
    };
  }

  trim(): Promise<void> {
    return this.#inner.trim();
  }

  probe(): Promise<void> {
    return this.#inner.probe();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#renewal;
    await this.#inner.close();
  }

  #lost(): void {
    if (!this.#closed) this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
  }

  async #renew(): Promise<void> {
    this.#parts.warn("the log was lost, and with it all messages in it: it is made anew");
    const inner = await this.#openAgain();
    if (inner === undefined) return;
    this.#watcher?.ending();
    this.#endTail();
    const before = this.#inner;
    this.#inner = inner;
    if (this.#handler !== undefined) this.#endTail = inner.tail(this.#handler);
    this.#watcher?.renewed();
    this.#parts.warn(
      `the log is there again, with the epoch ${inner.epoch}; clients are told that they missed messages`,
    );
    // What is under way in it fails in its time.
    void before.close().catch(() => undefined);
  }

  /** Undefined: this log was closed. */
  async #openAgain(): Promise<Log | undefined> {
    for (let told = ""; ;) {
      // Not at once: an engine that is just starting may not know yet what it has.
      await wait(this.#parts.clock, BETWEEN_TRIES);
      if (this.#closed) return undefined;
      try {
        return await this.#open();
      } catch (error) {
        const { message } = error as Error;
        if (message !== told) this.#parts.warn(`the log cannot be made anew: ${message}`);
        told = message;
      }
    }
  }

  async #open(): Promise<Log> {
    let isLost = false;
    const inner: Log = await this.#parts.open(() => {
      isLost = true;
      if (this.#inner === inner) this.#lost();
    });
    if (!isLost && !this.#closed) return inner;
    await inner.close();
    throw new LogUnavailable("it was lost again");
  }
}

/** Milliseconds. */
const BETWEEN_TRIES = 1000;
