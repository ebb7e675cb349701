import type { Message, Stored } from "@tidegate/protocol";
import { MemoryLog, type MemoryLogOptions } from "../../src/adapters/memory/log.ts";
import {
  LogUnavailable,
  type Appended,
  type LatestQuery,
  type Log,
  type Page,
  type ReadQuery,
  type RetainedPage,
  type TailHandler,
} from "../../src/log/log.ts";

/** A log in memory whose calls a test can hold back, or let fail. */
export class GatedLog implements Log {
  readonly inner: MemoryLog;
  readonly durability = "memory";
  /** Calls of `read` so far. */
  reads = 0;
  #appends: Gate = open();
  #reads: Gate = open();
  #appendsFail = false;
  #readsFail = false;

  constructor(options: MemoryLogOptions) {
    this.inner = new MemoryLog(options);
  }

  get epoch(): string {
    return this.inner.epoch;
  }

  /** Every append from now on waits until the returned function is called. */
  holdAppends(): () => void {
    return (this.#appends = closed()).open;
  }

  holdReads(): () => void {
    return (this.#reads = closed()).open;
  }

  failAppends(fail = true): void {
    this.#appendsFail = fail;
  }

  failReads(fail = true): void {
    this.#readsFail = fail;
  }

  head(): number {
    return this.inner.head();
  }

  async append(messages: readonly Message[]): Promise<readonly Appended[]> {
    await this.#appends.passed;
    if (this.#appendsFail) throw new LogUnavailable("the disk is full");
    return this.inner.append(messages);
  }

  async read(query: ReadQuery): Promise<Page> {
    this.reads += 1;
    await this.#reads.passed;
    if (this.#readsFail) throw new LogUnavailable("the disk is gone");
    return this.inner.read(query);
  }

  async latest(query: LatestQuery): Promise<Page> {
    if (this.#readsFail) throw new LogUnavailable("the disk is gone");
    return this.inner.latest(query);
  }

  retained(filter: string, limit: number): Promise<readonly Stored[]> {
    return this.inner.retained(filter, limit);
  }

  retainedPage(query: ReadQuery): Promise<RetainedPage> {
    return this.inner.retainedPage(query);
  }

  tail(handler: TailHandler): () => void {
    return this.inner.tail(handler);
  }

  trim(): Promise<void> {
    return this.inner.trim();
  }

  probe(): Promise<void> {
    return this.inner.probe();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

interface Gate {
  readonly passed: Promise<void>;
  readonly open: () => void;
}

function open(): Gate {
  return { passed: Promise.resolve(), open: () => {} };
}

function closed(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}
