import { isWildcard, matches } from "@tidegate/protocol";
import { LogUnavailable } from "../../src/log/log.ts";

/** What one gateway asked a log for, and how far the engine has heard of it. */
interface Wish {
  readonly filter: string;
  users: number;
  /** The engine sends its messages from now on. */
  heard: boolean;
}

/** Somebody waits for a mark: everything before it came when it comes. */
interface Waiting {
  /** What must have been heard before the mark is set; undefined: nothing. */
  readonly wish: Wish | undefined;
  readonly resolve: (offset: number) => void;
  readonly reject: (error: unknown) => void;
}

/** A mark that is on its way to the gateway, behind what was stored before it. */
export interface Mark {
  readonly offset: number;
  readonly waiting: readonly Waiting[];
}

/** The filters that a gateway asked for, over a network of which nobody knows when it carries them. */
export class Wishes {
  readonly #wishes = new Map<string, Wish>();
  #waiting: Waiting[] = [];

  get size(): number {
    return this.#wishes.size;
  }

  get waits(): number {
    return this.#waiting.length;
  }

  take(filter: string): { readonly ready: Promise<number>; end(): void } {
    const wish = this.#wishes.get(filter) ?? { filter, users: 0, heard: false };
    wish.users++;
    this.#wishes.set(filter, wish);
    let ended = false;
    const end = (): void => {
      if (!ended && --wish.users === 0) this.#wishes.delete(filter);
      ended = true;
    };
    return { ready: this.wait(wish), end };
  }

  /** Settles with the next mark that is set. */
  wait(wish?: Wish): Promise<number> {
    return new Promise((resolve, reject) => this.#waiting.push({ wish, resolve, reject }));
  }

  /** Whether the engine sends messages of a topic. */
  covers(topic: string): boolean {
    return this.#some(topic, ({ heard }) => heard);
  }

  /** What can happen next. */
  moves(): (() => void)[] {
    const unheard = [...this.#wishes.values()].filter(({ heard }) => !heard);
    return unheard.map((wish) => () => void (wish.heard = true));
  }

  /** Those whose wishes were heard wait for this mark; undefined if there are none. */
  mark(offset: number): Mark | undefined {
    const waiting = this.#waiting.filter(({ wish }) => wish?.heard !== false);
    if (waiting.length === 0) return undefined;
    this.#waiting = this.#waiting.filter(({ wish }) => wish?.heard === false);
    return { offset, waiting };
  }

  /** One of those who wait is told that it takes too long; its wish is heard in its time. */
  fail(): void {
    this.#waiting.shift()?.reject(new LogUnavailable("the simulated engine is away"));
  }

  #some(topic: string, holds: (wish: Wish) => boolean): boolean {
    for (const wish of this.#wishes.values())
      if (holds(wish) && (wish.filter === topic || (isWildcard(wish.filter) && matches(wish.filter, topic))))
        return true;
    return false;
  }
}
