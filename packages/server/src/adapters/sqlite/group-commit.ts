import { Fifo } from "../../log/fifo.ts";
import type { Checkpointer } from "./checkpointer.ts";
import type { WalSync } from "./sync.ts";

/** What one transaction did. */
export interface Commit<Result> {
  /** One for each request, in their order. */
  readonly results: readonly Result[];
  /** Bytes written, roughly. */
  readonly bytes: number;
}

export interface GroupCommitParts<Request, Result, Done extends Commit<Result>, Refusal extends Error> {
  /** Does all in one transaction. Throws if nothing of it was stored. */
  readonly store: (requests: readonly Request[]) => Done;
  /** Called when a commit is as durable as promised, before its requests are answered. Must not throw. */
  readonly settled?: (done: Done) => void;
  readonly checkpointer: Pick<Checkpointer, "held" | "committed">;
  /** Absent where a commit need not be on the disk. */
  readonly sync: Pick<WalSync, "run"> | undefined;
  /** Calls the task when the requests of one commit are together. */
  readonly schedule: (task: () => void) => void;
  readonly refusal: (message: string, cause: unknown) => Refusal;
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/** Committed, and not told to anybody yet. */
interface Unsettled<Request, Result, Done> {
  readonly asked: readonly Waiting<Request, Result>[];
  readonly done: Done;
}

/**
 * Requests that come together become one transaction. With a sync, commits that come while one is under way share the
 * next; only then is anybody answered.
 */
export class GroupCommit<Request, Result, Done extends Commit<Result>, Refusal extends Error> {
  readonly #parts: GroupCommitParts<Request, Result, Done, Refusal>;
  readonly #unsettled = new Fifo<Unsettled<Request, Result, Done>>();
  #waiting: Waiting<Request, Result>[] = [];
  #scheduled = false;
  #syncing = false;
  #broken: Refusal | undefined;
  #whenIdle: (() => void)[] = [];

  constructor(parts: GroupCommitParts<Request, Result, Done, Refusal>) {
    this.#parts = parts;
  }

  /** Why nothing can be stored any more; undefined while all is well. */
  get broken(): Refusal | undefined {
    return this.#broken;
  }

  /** Whether everything submitted so far was answered. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#unsettled.size === 0;
  }

  submit(request: Request): Promise<Result> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      if (!this.#scheduled) this.#schedule();
    });
  }

  /** Resolves when everything submitted so far was answered. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #schedule(): void {
    this.#scheduled = true;
    const { checkpointer, schedule } = this.#parts;
    if (checkpointer.held === undefined) schedule(this.#commit);
    else void checkpointer.held.then(() => this.#schedule());
  }

  #commit = (): void => {
    // It may have begun since this was scheduled.
    if (this.#parts.checkpointer.held !== undefined) return this.#schedule();
    this.#scheduled = false;
    const asked = this.#waiting;
    this.#waiting = [];
    const done = this.#store(asked);
    if (done !== undefined) {
      this.#unsettled.push({ asked, done });
      this.#parts.checkpointer.committed(done.bytes);
    }
    if (this.#parts.sync === undefined) this.#settle(this.#unsettled.size);
    else if (!this.#syncing) void this.#syncAll(this.#parts.sync);
  };

  #store(asked: readonly Waiting<Request, Result>[]): Done | undefined {
    try {
      return this.#parts.store(asked.map((one) => one.request));
    } catch (error) {
      const refusal = this.#parts.refusal(`nothing was stored: ${(error as Error).message}`, error);
      for (const one of asked) one.reject(refusal);
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
      const one = this.#unsettled.shift();
      if (one !== undefined) this.#tell(one);
    }
    if (!this.isIdle) return;
    const whenIdle = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of whenIdle) resolve();
  }

  #tell({ asked, done }: Unsettled<Request, Result, Done>): void {
    this.#parts.settled?.(done);
    for (const [i, one] of asked.entries()) one.resolve(done.results[i] as Result);
  }

  /**
   * After a failed sync nobody knows what is on the disk, and the next sync may say that all is well though it is not.
   * So nothing is stored until the file is opened again; what was committed may be there then.
   */
  #break(cause: Error): void {
    this.#broken = this.#parts.refusal(`the disk failed to sync (${cause.message}); restart to go on`, cause);
    for (let one = this.#unsettled.shift(); one !== undefined; one = this.#unsettled.shift())
      for (const waiting of one.asked) waiting.reject(this.#broken);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#broken);
  }
}
