import type { Identity } from "./identity.ts";
import { WeightedMap } from "./weighted-map.ts";

/**
 * Tokens that were verified, by their SHA-256: after a restart of a proxy everyone comes back with the token of before.
 * Bounded by the patterns that the identities hold, 16,384 tokens at most.
 */
export class TokenCache {
  readonly #known: WeightedMap<Identity>;
  #generation = 0;

  constructor(limit = 16_384) {
    this.#known = new WeightedMap(limit, weightOf);
  }

  /** Grows when the keys change: a token verified with the keys of before is not remembered. */
  get generation(): number {
    return this.#generation;
  }

  get(token: string): Identity | undefined {
    return this.#known.get(digest(token));
  }

  set(token: string, identity: Identity, generation: number): void {
    if (generation !== this.#generation) return;
    this.#known.set(digest(token), identity);
  }

  clear(): void {
    this.#known.clear();
    this.#generation++;
  }
}

function weightOf({ permissions }: Identity): number {
  const { publish, subscribe } = permissions.grants;
  return 1 + Math.floor((publish.length + subscribe.length) / 10);
}

/** 32 characters of one byte each: as short as a string of the hash can be. */
function digest(token: string): string {
  return Bun.SHA256.hash(token, "latin1");
}
