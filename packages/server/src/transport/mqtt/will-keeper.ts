import type { Cancel, Clock } from "../../clock.ts";
import type { Testament } from "./testament.ts";

export interface WillKeeperParts {
  readonly clock: Clock;
  /** The will that the store has for a session; undefined if there is none. Rejects while the store is away. */
  readonly read: (key: string) => Promise<Testament | undefined>;
  /** Calls back when it is stored, or refused for good. */
  readonly publish: (testament: Testament, done: () => void) => void;
  /** It was published: the store of sessions may forget it. Must not reject. */
  readonly settle: (key: string, testament: Testament) => Promise<void>;
}

export interface Waiting {
  readonly testament: Testament;
  /** Milliseconds until it is published. More than 0 only for one that is stored: it is read again when it is due. */
  readonly delay: number;
  /** The store of sessions has it, too: if this gateway is killed, another one publishes it. */
  readonly isStored: boolean;
}

/** What is in memory of a will that waits. */
interface Held {
  readonly key: string;
  readonly id: string;
  cancel: Cancel;
}

/** Wills that are read and published at once: many fall due together, and each may be as large as a packet. */
const AT_ONCE = 100;
/** Milliseconds until a store that did not answer is asked again. */
const RETRY = 1000;

/** Wills of clients that are away and may come back before they are due. [MQTT-3.1.3-9] */
export class WillKeeper {
  readonly #parts: WillKeeperParts;
  readonly #waiting = new Map<string, Held>();
  /** Those of them whose time has come, in this order. */
  readonly #due = new Set<Held>();
  #reading = 0;
  /** Set while the store is away. */
  #rest: Cancel | undefined = undefined;
  readonly #work = new Set<Promise<void>>();

  constructor(parts: WillKeeperParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Publishes it after its delay, unless the client comes back before. */
  leave(key: string, { testament, delay, isStored }: Waiting): void {
    this.revoke(key);
    if (delay > 0) this.#hold(key, testament.id, delay);
    else if (isStored) this.#track(this.#publish(key, testament));
    else this.#parts.publish(testament, () => {});
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** The client is back. */
  revoke(key: string): void {
    const held = this.#waiting.get(key);
    if (held === undefined) return;
    held.cancel();
    this.#due.delete(held);
    this.#waiting.delete(key);
  }

  /** The session is about to end: its will is read, and published now. Rejects while the store is away; then it is revoked. */
  async execute(key: string): Promise<void> {
    const held = this.#waiting.get(key);
    if (held === undefined) return;
    this.revoke(key);
    const testament = await this.#parts.read(key);
    if (testament?.id === held.id) this.#track(this.#publish(key, testament));
  }

  /** The gateway stops: what waits is published now, but for what other gateways know of. */
  executeAll(hasOthers: boolean): void {
    for (const held of [...this.#waiting.values()])
      if (hasOthers) this.revoke(held.key);
      else {
        held.cancel();
        this.#due.add(held);
      }
    this.#next();
  }

  /** Resolves when what is due was published and the store of sessions knows of it, or the store is away. */
  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** What was not published by now stays in the store. */
  stop(): void {
    this.#rest?.();
    for (const key of [...this.#waiting.keys()]) this.revoke(key);
  }

  #hold(key: string, id: string, delay: number): void {
    const held: Held = { key, id, cancel: () => {} };
    held.cancel = this.#parts.clock.after(delay, () => {
      this.#due.add(held);
      this.#next();
    });
    this.#waiting.set(key, held);
  }

  #next(): void {
    for (const held of this.#due) {
      if (this.#reading >= AT_ONCE || this.#rest !== undefined) return;
      this.#due.delete(held);
      this.#reading += 1;
      this.#track(this.#fall(held));
    }
  }

  async #fall(held: Held): Promise<void> {
    try {
      const testament = await this.#parts.read(held.key);
      // It may have been revoked meanwhile, or another gateway has the session.
      if (this.#waiting.get(held.key) !== held) return;
      this.#waiting.delete(held.key);
      if (testament?.id === held.id) await this.#publish(held.key, testament);
    } catch {
      // The caretaker says that the store is away.
      if (this.#waiting.get(held.key) === held) this.#due.add(held);
      this.#rest ??= this.#parts.clock.after(RETRY, () => this.#goOn());
    } finally {
      this.#reading -= 1;
      this.#next();
    }
  }

  #goOn(): void {
    this.#rest = undefined;
    this.#next();
  }

  async #publish(key: string, testament: Testament): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#parts.publish(testament, resolve);
    await promise;
    await this.#parts.settle(key, testament);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }
}
