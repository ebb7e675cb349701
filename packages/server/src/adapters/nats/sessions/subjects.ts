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

  base(id: string): string {
    return `${this.#base}.${hash(id)}.b`;
  }

  delta(id: string): string {
    return `${this.#base}.${hash(id)}.d`;
  }

  both(id: string): string {
    return `${this.#base}.${hash(id)}.*`;
  }

  isBase(subject: string): boolean {
    return subject.endsWith(".b");
  }
}

/** 132 bits: two ids do not meet. */
function hash(id: string): string {
  return createHash("sha256").update(id).digest("base64url").slice(0, 22);
}
