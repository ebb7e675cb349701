import type { Database } from "bun:sqlite";

export interface CheckpointTask {
  readonly path: string;
  readonly mode: "PASSIVE" | "RESTART" | "CLOSE";
}

export interface CheckpointAnswer {
  readonly error: string | undefined;
}

export interface CheckpointerOptions {
  readonly path: string;
  readonly warn: (message: string) => void;
  /** Address of the worker's module; default: the one beside this file. */
  readonly workerUrl?: string | undefined;
  /** Bytes of the write-ahead log at which it is copied into the database. */
  readonly softBytes: number;
  /** Bytes at which commits wait until it has been copied. */
  readonly hardBytes: number;
}

/**
 * Keeps the write-ahead log short. A PASSIVE checkpoint in a worker copies while commits go on; but as they go on, there
 * is always a rest, and the log grows. Past the hard bound commits wait for the moment that the rest takes.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #db: Database;
  readonly #state;
  readonly #frameBytes: number;
  #worker: Worker | undefined;
  /** Takes undefined if the worker was lost before it answered. */
  #answer: ((answer: CheckpointAnswer | undefined) => void) | undefined;
  #running: Promise<void> | undefined;
  #held: Promise<void> | undefined;
  #commits = 0;
  /** Frames that were in the log when the last PASSIVE checkpoint began. */
  #copied = 0;

  constructor(db: Database, options: CheckpointerOptions) {
    this.#options = options;
    this.#db = db;
    const { page_size: pageBytes } = db.query<{ page_size: number }, []>("PRAGMA page_size").get() ?? {
      page_size: 4096,
    };
    this.#frameBytes = pageBytes + 24;
    // NOOP only tells how long the log is. SQLite before 3.51 takes the unknown word for PASSIVE, which does no harm.
    this.#state = db.prepare<{ log: number }, []>("PRAGMA wal_checkpoint(NOOP)");
    this.#startWorker();
  }

  /** While this is a promise, nothing may be committed. */
  get held(): Promise<void> | undefined {
    return this.#held;
  }

  /** After every commit; looks at the log once in a while. */
  committed(bytes: number): void {
    this.#commits += COMMIT_BYTES + bytes;
    if (this.#commits < LOOK_BYTES) return;
    this.#commits = 0;
    this.#look();
  }

  /** Waits for what is under way and lets go of the worker's connection. */
  async close(): Promise<void> {
    await this.#held;
    await this.#running;
    if (this.#worker === undefined) return;
    await this.#ask("CLOSE");
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #look(): void {
    if (this.#held !== undefined) return;
    const frames = this.#state.get()?.log ?? 0;
    if (frames < this.#copied) this.#copied = 0;
    const { softBytes, hardBytes } = this.#options;
    if (frames * this.#frameBytes > hardBytes) this.#hold();
    else if ((frames - this.#copied) * this.#frameBytes > softBytes && this.#running === undefined) {
      this.#copied = frames;
      this.#running = this.#run("PASSIVE").finally(() => (this.#running = undefined));
    }
  }

  #hold(): void {
    this.#held ??= this.#restart().finally(() => (this.#held = undefined));
  }

  async #restart(): Promise<void> {
    await this.#running;
    await this.#run("RESTART");
    this.#copied = 0;
  }

  async #run(mode: "PASSIVE" | "RESTART"): Promise<void> {
    const answer = this.#worker === undefined ? undefined : await this.#ask(mode);
    const { error } = answer ?? this.#runHere(mode);
    if (error !== undefined) this.#options.warn(`${this.#options.path}: the checkpoint failed: ${error}`);
  }

  #ask(mode: CheckpointTask["mode"]): Promise<CheckpointAnswer | undefined> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#worker?.postMessage({ path: this.#options.path, mode } satisfies CheckpointTask);
    });
  }

  #runHere(mode: "PASSIVE" | "RESTART"): CheckpointAnswer {
    try {
      this.#db.query(`PRAGMA wal_checkpoint(${mode})`).all();
      return { error: undefined };
    } catch (error) {
      return { error: (error as Error).message };
    }
  }

  #startWorker(): void {
    try {
      const worker = new Worker(this.#options.workerUrl ?? new URL("./checkpoint-worker.ts", import.meta.url).href);
      worker.onmessage = (event: MessageEvent<CheckpointAnswer>) => this.#answer?.(event.data);
      worker.onerror = (event) => this.#loseWorker(event.message);
      // Of Bun's Worker, not of the DOM's: it must not keep the process alive.
      (worker as Worker & { unref(): void }).unref();
      this.#worker = worker;
    } catch (error) {
      this.#loseWorker((error as Error).message);
    }
  }

  #loseWorker(reason: string): void {
    this.#worker = undefined;
    this.#options.warn(
      `${this.#options.path}: the checkpoint worker does not run (${reason}); checkpoints now hold up the event loop`,
    );
    this.#answer?.(undefined);
  }
}

/** What a commit adds beside its payloads, roughly: a page or two. */
const COMMIT_BYTES = 6000;
/** Written bytes after which the length of the log is looked at. */
const LOOK_BYTES = 1 << 20;
