import type { Clock } from "../../clock.ts";
import type { RetentionOf } from "../../log/log.ts";
import type { Raw } from "./direct.ts";
import { remaining } from "./rank.ts";
import { recordOf } from "./record.ts";
import type { Subjects } from "./subjects.ts";

export interface SettledParts {
  readonly clock: Clock;
  readonly subjects: Subjects;
  readonly retention: RetentionOf;
  /** Milliseconds, as `TrimmerParts` has them. */
  readonly idWindow: number;
  readonly clockMargin: number;
}

/** A topic's subject, and how many messages the stream has on it. */
export type Counted = readonly [subject: string, count: number];

/** Topics that a trim has left as they were: as long as little comes to them, the next ones need not look at them. */
export class SettledTopics {
  readonly #parts: SettledParts;
  /** Every topic of the last list. */
  readonly #all = new Map<string, Settled>();
  /** When the last list was asked for, of which `#all` has all; undefined: it has not. */
  #listed: number | undefined;

  constructor(parts: SettledParts) {
    this.#parts = parts;
  }

  /** Those of a list of all topics that have to be looked at. `asked`: when the stream was asked for it. */
  unsettled(topics: readonly Counted[], asked: number): readonly Counted[] {
    const found = topics.filter((topic) => !this.#isSettled(topic));
    this.#listed = this.#all.size + found.length <= MAX_SETTLED ? asked : undefined;
    return found;
  }

  /**
   * The topic has `count` messages and nothing of it was to be trimmed. What is out of sight but not removed yet is looked at again
   * when its ids do not count any more. `visible`: the oldest message in sight.
   */
  settle(subject: string, count: number, visible: Raw | undefined): void {
    const { clock, idWindow, retention, subjects } = this.#parts;
    const { size, age } = retention(subjects.topicOf(subject));
    const tooOld = visible === undefined ? Infinity : recordOf(visible).at + age;
    // More may have come since they were counted.
    const seesAll = count <= remaining(visible);
    const until = seesAll || count === 1 ? tooOld : Math.min(tooOld, clock.now() + idWindow);
    this.#put(subject, { count, until, room: seesAll ? size - remaining(visible) : 0 });
  }

  /** The next trim looks at it again. */
  forget(subject: string): void {
    this.#put(subject, UNSETTLED);
  }

  #put(subject: string, settled: Settled): void {
    if (this.#all.size >= MAX_SETTLED) this.#all.clear();
    this.#all.set(subject, settled);
  }

  /** Since it was looked at no more came to it than there was room for, and nothing has become too old. */
  #isSettled([subject, count]: Counted): boolean {
    const settled = this.#all.get(subject) ?? this.#young(subject, count);
    if (settled === undefined || this.#parts.clock.now() >= settled.until) return false;
    return count === settled.count || (count > settled.count && count - settled.count <= settled.room);
  }

  /** A topic that the last list did not have: all of its messages are younger than that, and none is out of sight. */
  #young(subject: string, count: number): Settled | undefined {
    const { retention, subjects, clockMargin } = this.#parts;
    const { size, age } = retention(subjects.topicOf(subject));
    if (this.#listed === undefined || count > size) return undefined;
    // By another gateway's clock, and some time before it was stored.
    const settled = { count, room: size - count, until: this.#listed - 2 * clockMargin + age };
    this.#all.set(subject, settled);
    return settled;
  }
}

/** What is known of a topic. */
interface Settled {
  readonly count: number;
  /** So many more need no look, until the time. */
  readonly room: number;
  readonly until: number;
}

const UNSETTLED: Settled = { count: 0, room: 0, until: 0 };
/** Topics: some hundred bytes each. Past it all are looked at again. */
const MAX_SETTLED = 100_000;
