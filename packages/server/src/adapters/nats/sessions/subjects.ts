import { createHash } from "node:crypto";

/**
 * A session is two subjects of the stream, each with one message: `<base>.<hash>.b` holds all of it, `<base>.<hash>.d` what has
 * changed since in what is under way and how far the subscriptions are. Ids are hashed: they may be longer than a subject.
 */
export class SessionSubjects {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  get all(): string {
    return `${this.#base}.*.*`;
  }

  get bases(): string {
    return `${this.#base}.*.b`;
  }

  /** Hashes the id: who writes often keeps the place. */
  of(id: string): SessionPlace {
    const place = `${this.#base}.${hash(id)}`;
    return { id, base: `${place}.b`, delta: `${place}.d`, both: `${place}.*` };
  }

  isBase(subject: string): boolean {
    return subject.endsWith(".b");
  }
}

/** Where a session is in the stream. */
export interface SessionPlace {
  readonly id: string;
  readonly base: string;
  readonly delta: string;
  readonly both: string;
}

/** 132 bits: two ids do not meet. */
function hash(id: string): string {
  return createHash("sha256").update(id).digest("base64url").slice(0, 22);
}
