import { createLocalJWKSet, errors, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from "jose";
import type { CryptoKey } from "jose";
import type { Clock } from "../clock.ts";
import { AuthError } from "./auth-error.ts";
import type { AuthLogger } from "./key-sources.ts";

/** An unknown key makes the set be read again, but not more often: made-up key ids must not become requests. */
const COOL_DOWN_MS = 30_000;
/** A key that was taken out of the set is no longer believed after about this time. */
const MAX_AGE_MS = 10 * 60_000;

interface KeySetParts {
  readonly clock: Clock;
  readonly read: () => Promise<JSONWebKeySet>;
  readonly logger?: AuthLogger;
  readonly changed: () => void;
}

type Finder = ReturnType<typeof createLocalJWKSet>;

/** The keys at auth.jwt.jwks. They rotate: an unknown key id makes the set be read again; if that fails, the keys of before stay. */
export class KeySet {
  readonly #parts: KeySetParts;
  #find: Finder | undefined;
  #text = "";
  #readAt = -Infinity;
  #reading: Promise<void> | undefined;

  constructor(parts: KeySetParts) {
    this.#parts = parts;
  }

  /** @throws JWKSNoMatchingKey, JWKSMultipleMatchingKeys; AuthError if the set was never read */
  async key(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    if (this.#find === undefined) await this.#readUnlessJustTried();
    try {
      return await this.#finder()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#readUnlessJustTried();
      return this.#finder()(header, token);
    }
  }

  /** Starts a read if the set is old, and does not wait for it. */
  keepFresh(): void {
    if (this.#find !== undefined && this.#age() >= MAX_AGE_MS) void this.#read();
  }

  async prepare(): Promise<void> {
    await this.#read();
    this.#finder();
  }

  #finder(): Finder {
    if (this.#find === undefined) throw new AuthError("unavailable", "the keys to verify tokens cannot be read now");
    return this.#find;
  }

  #age(): number {
    return this.#parts.clock.now() - this.#readAt;
  }

  async #readUnlessJustTried(): Promise<void> {
    if (this.#reading !== undefined || this.#age() >= COOL_DOWN_MS) await this.#read();
  }

  /** One read at a time; everyone who asks meanwhile waits for it. Never rejects. */
  #read(): Promise<void> {
    return (this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    }));
  }

  async #readOnce(): Promise<void> {
    this.#readAt = this.#parts.clock.now();
    try {
      this.#take(await this.#parts.read());
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      this.#parts.logger?.warn({ cause }, "auth.jwt.jwks cannot be read; the keys of before stay in use");
    }
  }

  #take(set: JSONWebKeySet): void {
    const text = JSON.stringify(set);
    if (text === this.#text) return;
    const isFirst = this.#find === undefined;
    this.#find = createLocalJWKSet(set);
    this.#text = text;
    // Before the first set no token was verified, so there is nothing to forget.
    if (!isFirst) this.#parts.changed();
  }
}
