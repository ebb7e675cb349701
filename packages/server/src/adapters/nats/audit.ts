import type { Clock } from "../../clock.ts";
import type { Direct, Raw } from "./direct.ts";
import type { Interests } from "./interests.ts";
import type { Subjects } from "./subjects.ts";

export interface AuditParts {
  readonly clock: Clock;
  readonly direct: Direct;
  readonly subjects: Subjects;
  readonly interests: Interests;
  /** Hands on a message, and what is missing before it, unless that was done. */
  readonly mend: (raw: Raw) => Promise<void> | undefined;
  readonly isClosed: () => boolean;
}

/**
 * Looks whether the newest message of each topic that is asked for has come. A chain shows a hole only when another message comes behind
 * it; between the servers of a cluster one may get lost, and its topic be quiet from then on.
 */
export class Audit {
  readonly #parts: AuditParts;
  #filters: readonly string[] = [];
  #next = 0;

  constructor(parts: AuditParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.clock.after(INTERVAL, () => {
      if (!this.#parts.isClosed()) void this.look().finally(() => this.start());
    });
  }

  /** Looks at some of the topics, the next time at the next ones. What cannot be asked now is asked in the next round. */
  async look(): Promise<void> {
    const { direct, subjects, interests, mend } = this.#parts;
    if (this.#next >= this.#filters.length) {
      this.#filters = interests.filters;
      this.#next = 0;
    }
    const some = this.#filters.slice(this.#next, (this.#next += TOGETHER));
    try {
      // Of filters with too many topics nothing can be told: their topics' next messages will.
      const raws = await direct.newest(some.map((filter) => subjects.of("m", filter)));
      for (const raw of raws ?? []) await mend(raw);
    } catch {
      // NATS is away: whoever notices that first reads everything when it is back.
    }
  }
}

/** Milliseconds, and filters that are asked for in one question. */
const INTERVAL = 1000;
const TOGETHER = 200;
