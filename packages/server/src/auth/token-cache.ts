import type { Identity } from "./identity.ts";

/**
 * Tokens that were verified, by their SHA-256: after a restart of a proxy everyone comes back with the token of before.
 * Bounded: 16,384 entries take about 3 MB; the oldest go first.
 */
export class TokenCache {
  readonly #known = new Map<string, Identity>();
  readonly #limit: number;
  #generation = 0;

  constructor(limit = 16_384) {
    this.#limit = limit;
  }

  /** Grows when the keys change: a token verified with the keys of before is not remembered. */
  get generation(): number {
    return this.#generation;
  }

  get size(): number {
    return this.#known.size;
  }

  get(token: string): Identity | undefined {
    return this.#known.get(digest(token));
  }

  set(token: string, identity: Identity, generation: number): void {
    if (generation !== this.#generation) return;
    const oldest = this.#known.keys().next();
    if (this.#known.size >= this.#limit && oldest.done !== true) this.#known.delete(oldest.value);
    this.#known.set(digest(token), identity);
  }

  clear(): void {
    this.#known.clear();
    this.#generation++;
  }
}

function digest(token: string): string {
  return Bun.SHA256.hash(token, "base64");
}
