import type { Message } from "@tidegate/protocol";
import { LogUnavailable, type Appended, type TailHandler } from "../../log/log.ts";
import type { Checkpointer } from "./checkpointer.ts";
import { GroupCommit } from "./group-commit.ts";
import type { Recent } from "../../log/recent.ts";
import type { WalSync } from "./sync.ts";
import type { Batch, Writer } from "./writer.ts";

/** What one transaction stored, and the newest offset after it. */
interface LogCommit extends Batch {
  readonly upTo: number;
}

export interface CommitterParts {
  readonly writer: Pick<Writer, "store" | "committed">;
  readonly recent: Pick<Recent, "add">;
  readonly checkpointer: Pick<Checkpointer, "held" | "committed">;
  /** Absent where a commit need not be on the disk. */
  readonly sync: Pick<WalSync, "run"> | undefined;
}

/**
 * Group commit for the log: only what is as durable as promised is handed to the tail, readable and acknowledged. After a
 * failed sync what was committed may be there at the next opening: sent again with the same message ids it is not stored
 * twice.
 */
export class Committer {
  readonly #group: GroupCommit<readonly Message[], readonly Appended[], LogCommit, LogUnavailable>;
  readonly #recent: Pick<Recent, "add">;
  #head: number;
  #tail: TailHandler | undefined;

  constructor({ writer, recent, checkpointer, sync }: CommitterParts) {
    this.#recent = recent;
    this.#head = writer.committed;
    this.#group = new GroupCommit({
      store: (appends) => ({ ...writer.store(appends), upTo: writer.committed }),
      settled: (done) => this.#tell(done),
      checkpointer,
      sync,
      // The appender has gathered a turn already.
      schedule: queueMicrotask,
      refusal: (message, cause) => new LogUnavailable(message, { cause }),
    });
  }

  get head(): number {
    return this.#head;
  }

  /** Why nothing can be stored any more; undefined while all is well. */
  get broken(): LogUnavailable | undefined {
    return this.#group.broken;
  }

  append(messages: readonly Message[]): Promise<readonly Appended[]> {
    return this.#group.submit(messages);
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
    return this.#group.idle();
  }

  #tell({ stored, upTo }: LogCommit): void {
    this.#head = upTo;
    if (stored.length === 0) return;
    this.#recent.add(stored);
    this.#tail?.messages(stored);
  }
}
