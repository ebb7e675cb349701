import type { Message, Stored } from "@tidegate/protocol";
import { Fifo } from "../../log/fifo.ts";
import { LogUnavailable, type Appended, type TailHandler } from "../../log/log.ts";
import type { Checkpointer } from "./checkpointer.ts";
import type { WalSync } from "./sync.ts";
import type { Batch, Writer } from "./writer.ts";

interface Waiting {
  readonly messages: readonly Message[];
  readonly resolve: (results: readonly Appended[]) => void;
  readonly reject: (error: LogUnavailable) => void;
}

/** Committed, and not told to anybody yet. */
interface Unsettled {
  readonly appends: readonly Waiting[];
  readonly batch: Batch;
  readonly upTo: number;
}

export interface CommitterParts {
  readonly writer: Pick<Writer, "store" | "committed">;
  readonly checkpointer: Pick<Checkpointer, "held" | "committed">;
  /** Absent where a commit need not be on the disk. */
  readonly sync: Pick<WalSync, "run"> | undefined;
}

/**
 * Group commit. Appends of one turn become one transaction. With a sync, commits that come while one is under way share
 * the next; only then is a message handed to the tail, readable and acknowledged.
 */
export class Committer {
  readonly #parts: CommitterParts;
  readonly #unsettled = new Fifo<Unsettled>();
  #waiting: Waiting[] = [];
  #scheduled = false;
  #syncing = false;
  #head: number;
  #tail: TailHandler | undefined;
  #broken: LogUnavailable | undefined;
  #settled: (() => void)[] = [];

  constructor(parts: CommitterParts) {
    this.#parts = parts;
    this.#head = parts.writer.committed;
  }

  get head(): number {
    return this.#head;
  }

  /** Why nothing can be stored any more; undefined while all is well. */
  get broken(): LogUnavailable | undefined {
    return this.#broken;
  }

  append(messages: readonly Message[]): Promise<readonly Appended[]> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ messages, resolve, reject });
      if (!this.#scheduled) this.#schedule();
    });
  }

  tail(handler: TailHandler): () => void {
    if (this.#tail !== undefined) throw new Error("this log has a tail already");
    this.#tail = handler;
    return () => {
      if (this.#tail === handler) this.#tail = undefined;
    };
  }

  /** Resolves when everything appended so far was answered. */
  idle(): Promise<void> {
    if (this.#waiting.length === 0 && this.#unsettled.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#settled.push(resolve));
  }

  #schedule(): void {
    this.#scheduled = true;
    const { held } = this.#parts.checkpointer;
    if (held === undefined) queueMicrotask(this.#commit);
    else void held.then(() => this.#schedule());
  }

  #commit = (): void => {
    this.#scheduled = false;
    const appends = this.#waiting;
    this.#waiting = [];
    const batch = this.#store(appends);
    if (batch !== undefined) {
      this.#unsettled.push({ appends, batch, upTo: this.#parts.writer.committed });
      this.#parts.checkpointer.committed(batch.bytes);
    }
    if (this.#parts.sync === undefined) this.#settle(this.#unsettled.size);
    else if (!this.#syncing) void this.#syncAll(this.#parts.sync);
  };

  #store(appends: readonly Waiting[]): Batch | undefined {
    try {
      return this.#parts.writer.store(appends.map((append) => append.messages));
    } catch (error) {
      const refusal = new LogUnavailable(`nothing was stored: ${(error as Error).message}`, { cause: error });
      for (const append of appends) append.reject(refusal);
      return undefined;
    }
  }

  async #syncAll(sync: Pick<WalSync, "run">): Promise<void> {
    this.#syncing = true;
    while (this.#unsettled.size > 0 && this.#broken === undefined) {
      const count = this.#unsettled.size;
      try {
        await sync.run();
        this.#settle(count);
      } catch (error) {
        this.#break(error as Error);
      }
    }
    this.#syncing = false;
    this.#settle(0);
  }

  #settle(count: number): void {
    for (let i = 0; i < count; i++) {
      const done = this.#unsettled.shift();
      if (done !== undefined) this.#tell(done);
    }
    if (this.#unsettled.size > 0 || this.#waiting.length > 0) return;
    const settled = this.#settled;
    this.#settled = [];
    for (const resolve of settled) resolve();
  }

  #tell({ appends, batch, upTo }: Unsettled): void {
    this.#head = upTo;
    if (batch.stored.length > 0) this.#tail?.messages(batch.stored satisfies readonly Stored[]);
    for (const [i, append] of appends.entries()) append.resolve(batch.results[i] ?? []);
  }

  /**
   * After a failed sync nobody knows what is on the disk, and the next sync may say that all is well though it is not.
   * So the log stops until it is opened again. What was committed may be there then: sent again with the same message
   * ids it is not stored twice.
   */
  #break(cause: Error): void {
    this.#broken = new LogUnavailable(`the disk failed to sync (${cause.message}); restart to go on`, { cause });
    for (let one = this.#unsettled.shift(); one !== undefined; one = this.#unsettled.shift())
      for (const append of one.appends) append.reject(this.#broken);
    for (const append of this.#waiting.splice(0)) append.reject(this.#broken);
  }
}
