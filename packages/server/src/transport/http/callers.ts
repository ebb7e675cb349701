import type { Identity } from "../../auth/index.ts";
import type { Clock } from "../../clock.ts";
import type { Bucket } from "../../pipeline/token-bucket.ts";

export interface Caller extends Bucket {
  identity: Identity;
}

/** Callers remembered: about 3 MB (bench/held.ts). Who is pushed out by others starts with a full bucket again. */
const LIMIT = 10_000;

/** The publish rate of those who have no connection to keep it: for each user, API key, or address of anonymous ones. */
export class Callers {
  readonly #known = new Map<string, Caller>();
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #limit: number;

  constructor({
    clock,
    burst,
    limit = LIMIT,
  }: {
    readonly clock: Clock;
    readonly burst: number;
    readonly limit?: number;
  }) {
    this.#clock = clock;
    this.#burst = burst;
    this.#limit = limit;
  }

  get size(): number {
    return this.#known.size;
  }

  of(identity: Identity, address: string): Caller {
    const name = nameOf(identity, address);
    const caller = this.#known.get(name) ?? { tokens: this.#burst, counted: this.#clock.now(), identity };
    caller.identity = identity;
    // The one used last stands last, so that the first is the one to forget.
    this.#known.delete(name);
    if (this.#known.size >= this.#limit) this.#forgetFirst();
    this.#known.set(name, caller);
    return caller;
  }

  #forgetFirst(): void {
    const first = this.#known.keys().next();
    if (first.done !== true) this.#known.delete(first.value);
  }
}

function nameOf({ user, keyName }: Identity, address: string): string {
  if (user !== undefined) return `user ${user}`;
  return keyName === undefined ? `address ${address}` : `key ${keyName}`;
}
