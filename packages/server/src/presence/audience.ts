import type { Clock } from "../clock.ts";
import type { Subscriber } from "../delivery/subscription.ts";
import { Announcement } from "./announcement.ts";
import { merged } from "./merge.ts";
import type { Presence, PresenceChange, PresenceWatcher } from "./presence.ts";

export interface AudienceOptions {
  readonly clock: Clock;
  /** Bytes not yet taken above which a client is left out of a push; the next one it gets carries the whole count. */
  readonly maxBuffered: number;
  /** Names in one push, as the topic's namespace has it. Called only when a node is too busy to tell changes singly. */
  readonly maxMembers: (topic: string) => number;
  /** Subscribers told in one turn of the event loop. */
  readonly slice?: number;
}

/** One send costs about 5 µs: a turn is held up for 5 ms. */
const SLICE = 1000;

/** Who on this node is told of joins and leaves: those who are present and asked for it. */
export class Audience implements PresenceWatcher {
  readonly counters = {
    /** Frames sent; a leave and a join of one change are one frame. */
    sends: 0,
    /** Subscribers left out because they had not taken what was sent before. */
    skipped: 0,
  };
  readonly #options: Required<AudienceOptions>;
  readonly #topics = new Map<string, Set<Subscriber>>();
  /** Changes that are to be told, oldest first; one for each topic. */
  readonly #waiting = new Map<string, PresenceChange>();
  readonly #unwatch: () => void;
  #current: Announcement | undefined = undefined;
  /** Subscribers that may still be told in this turn. */
  #left: number;

  constructor(presence: Presence, options: AudienceOptions) {
    this.#options = { slice: SLICE, ...options };
    this.#left = this.#options.slice;
    this.#unwatch = presence.watch(this);
  }

  /** Subscribers in all topics. */
  get size(): number {
    return this.#topics.values().reduce((sum, subscribers) => sum + subscribers.size, 0);
  }

  add(topic: string, subscriber: Subscriber): void {
    const subscribers = this.#topics.get(topic);
    if (subscribers === undefined) this.#topics.set(topic, new Set([subscriber]));
    else subscribers.add(subscriber);
  }

  /** Nothing is sent to it from here on, also of what is under way. */
  remove(topic: string, subscriber: Subscriber): void {
    const subscribers = this.#topics.get(topic);
    if (subscribers === undefined || !subscribers.delete(subscriber) || subscribers.size > 0) return;
    this.#topics.delete(topic);
    this.#waiting.delete(topic);
  }

  changed(topic: string, change: PresenceChange): void {
    if (!this.#topics.has(topic)) return;
    const before = this.#waiting.get(topic);
    const gathered = before === undefined ? change : merged(before, change, this.#options.maxMembers(topic));
    this.#waiting.set(topic, gathered);
    this.#send();
  }

  close(): void {
    this.#unwatch();
    this.#topics.clear();
    this.#waiting.clear();
    this.#current = undefined;
  }

  /** One change after the other, so that each subscriber gets them in order. */
  #send(): void {
    const { clock, maxBuffered, slice } = this.#options;
    const before = this.#left;
    for (let next = this.#next(); next !== undefined && this.#left > 0; next = this.#next()) {
      const { sent, skipped } = next.tell(this.#left, maxBuffered);
      this.#left -= sent + skipped;
      this.counters.sends += sent;
      this.counters.skipped += skipped;
    }
    if (before === slice && this.#left < slice) clock.endOfTurn(this.#turnOver);
  }

  readonly #turnOver = (): void => {
    this.#left = this.#options.slice;
    this.#send();
  };

  #next(): Announcement | undefined {
    if (this.#current !== undefined && !this.#current.done) return this.#current;
    this.#current = undefined;
    for (const [topic, change] of this.#waiting) {
      this.#waiting.delete(topic);
      const subscribers = this.#topics.get(topic);
      if (subscribers !== undefined) return (this.#current = new Announcement(topic, change, subscribers));
    }
    return undefined;
  }
}
