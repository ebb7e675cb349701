import type { Member } from "@tidegate/protocol";
import type { Clock } from "../clock.ts";
import { Deadlines } from "./deadlines.ts";
import { intervalFor, SMALL_TOPIC } from "./pace.ts";
import type { PresenceChange, PresenceWatcher } from "./presence.ts";

/** A topic's figures, read when they are needed. */
export interface Gauge {
  /** Members. */
  readonly count: number;
  /** Sessions: as many may be told of a change. */
  readonly receivers: number;
  /** Names in one change. */
  readonly maxMembers: number;
}

/** A join or leave that waits to be told. */
interface Waiting {
  readonly member: Member;
  /** Its number among the changes of its topic. */
  readonly order: number;
  /** Some believe that the user is there, others that it is not: it is told of whatever it does. */
  readonly disputed: boolean;
}

/** What a topic has not told yet, or that it told something just now and pauses. A user is in one of the maps at most. */
interface Pending {
  readonly topic: string;
  gauge: Gauge;
  joined: Map<string, Waiting>;
  left: Map<string, Waiting>;
  order: number;
  /** Changes up to here were in an answer to somebody, who would not hear of the return if they cancelled out. */
  seen: number;
}

/**
 * Gathers joins and leaves, so that a topic tells them at most once in an interval that grows with its receivers (see
 * pace.ts). Every adapter of the port uses it, and its watcher is the port's.
 */
export class ChangeGatherer {
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  readonly #intervals: Deadlines<Pending>;
  /** Small topics that were quiet: they tell at the end of this turn. */
  #ready: Pending[] = [];
  #watcher: PresenceWatcher | undefined = undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#intervals = new Deadlines(clock, (pending) => this.#intervalOver(pending));
  }

  /** The watcher must not throw. Returns what takes it back. */
  watch(watcher: PresenceWatcher): () => void {
    if (this.#watcher !== undefined) throw new Error("presence has a watcher already");
    this.#watcher = watcher;
    return () => {
      if (this.#watcher === watcher) this.#watcher = undefined;
    };
  }

  /** Topics that gather or pause. */
  get topics(): number {
    return this.#pending.size;
  }

  /** Joins and leaves that wait to be told. */
  get changes(): number {
    return this.#pending.values().reduce((sum, { joined, left }) => sum + joined.size + left.size, 0);
  }

  joined(topic: string, member: Member, gauge: Gauge): void {
    const pending = this.#of(topic, gauge);
    const waiting = turned(pending, member, pending.left);
    if (waiting !== undefined) pending.joined.set(member.user, waiting);
  }

  left(topic: string, member: Member, gauge: Gauge): void {
    const pending = this.#of(topic, gauge);
    const waiting = turned(pending, member, pending.joined);
    if (waiting !== undefined && (!waiting.disputed || hasPlace(pending))) pending.left.set(member.user, waiting);
  }

  /** The member said something new of itself; only a join that waits carries it. */
  renewed(topic: string, member: Member): void {
    const joined = this.#pending.get(topic)?.joined;
    const waiting = joined?.get(member.user);
    if (waiting !== undefined) joined?.set(member.user, { ...waiting, member });
  }

  /** Somebody was given the members as they are now. */
  seen(topic: string): void {
    const pending = this.#pending.get(topic);
    if (pending !== undefined) pending.seen = pending.order;
  }

  /** Forgets what was not told, and the watcher. */
  close(): void {
    this.#watcher = undefined;
    this.#intervals.clear();
    this.#pending.clear();
    this.#ready = [];
  }

  #of(topic: string, gauge: Gauge): Pending {
    let pending = this.#pending.get(topic);
    if (pending === undefined) {
      pending = { topic, gauge, joined: new Map(), left: new Map(), order: 0, seen: 0 };
      this.#pending.set(topic, pending);
      if (gauge.receivers > SMALL_TOPIC) this.#intervals.add(pending, intervalFor(gauge.receivers));
      else this.#atEndOfTurn(pending);
    }
    // A topic that was empty for a while has another one.
    pending.gauge = gauge;
    return pending;
  }

  #atEndOfTurn(pending: Pending): void {
    if (this.#ready.push(pending) === 1) this.#clock.endOfTurn(this.#turnOver);
  }

  readonly #turnOver = (): void => {
    const ready = this.#ready;
    this.#ready = [];
    for (const pending of ready) this.#intervalOver(pending);
  };

  /** What is told now is paid for by a pause as long as its sends may take within the budget. */
  #intervalOver(pending: Pending): void {
    const { gauge, topic } = pending;
    if (!hasChanges(pending)) {
      this.#pending.delete(topic);
      return;
    }
    const change = changeOf(pending);
    pending.joined = new Map();
    pending.left = new Map();
    // Nobody is there to be told: no pause, and nothing is kept of an empty topic.
    if (gauge.receivers === 0) this.#pending.delete(topic);
    else this.#intervals.add(pending, intervalFor(gauge.receivers));
    this.#watcher?.changed(topic, change);
  }
}

function hasChanges({ joined, left }: Pending): boolean {
  return joined.size > 0 || left.size > 0;
}

/** The user does the opposite of what it did before: undefined if the two cancel out, because nobody knows of either. */
function turned(pending: Pending, member: Member, opposite: Map<string, Waiting>): Waiting | undefined {
  const order = ++pending.order;
  const before = opposite.get(member.user);
  if (before === undefined) return { member, order, disputed: false };
  opposite.delete(member.user);
  return before.disputed || before.order <= pending.seen ? { member, order, disputed: true } : undefined;
}

/** Leaves past the names of one change and past the members are not kept, however fast sessions come and go. */
function hasPlace({ left, gauge }: Pending): boolean {
  return left.size < Math.max(gauge.maxMembers, gauge.count);
}

function changeOf({ joined, left, gauge }: Pending): PresenceChange {
  const { count, maxMembers } = gauge;
  return { joined: first(joined, maxMembers), left: first(left, maxMembers), count };
}

function first(waiting: ReadonlyMap<string, Waiting>, limit: number): readonly Member[] {
  return waiting
    .values()
    .take(limit)
    .map(({ member }) => member)
    .toArray();
}
