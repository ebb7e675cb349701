import { isWildcard, namespaceOf, type Stored } from "@tidegate/protocol";
import { newestOf, type PlaceOf, type Stream } from "../log/stream.ts";
import { Trie } from "../router/trie.ts";
import type { Flusher } from "./flusher.ts";
import { Group, type DeliveryPolicy, type Realm } from "./group.ts";
import type { Hold, Interests, Wish } from "./interests.ts";

/** The same object for all namespaces with the same settings. */
export type DeliveryPolicyOf = (namespace: string) => DeliveryPolicy;

/** Topics whose groups are remembered: some hundred bytes each. */
const MOST_MATCHED = 10_000;
const NO_GROUPS: readonly Group[] = [];

/** Personal topics: `user/<id>`. */
const PERSONAL = "user";

/** Finds who gets a stored message: groups by exact topic, and by filter with wildcards. */
export class Hub {
  readonly flusher: Flusher;
  readonly #policyOf: DeliveryPolicyOf;
  readonly #placeOf: PlaceOf;
  /** Undefined where the logs give every message. */
  readonly #interests: Interests | undefined;
  readonly #exact = new Map<string, Group>();
  readonly #wild = new Trie<Group>();
  /** As many as there are kinds of namespaces, not as namespaces. */
  readonly #realms = new Map<DeliveryPolicy, readonly Realm[]>();
  readonly #personal = new Map<DeliveryPolicy, readonly Realm[]>();
  /** Groups with wildcards by topic, of topics that were published to; forgotten when a wildcard filter comes or goes. */
  readonly #matched = new Map<string, readonly Group[]>();

  constructor(flusher: Flusher, policyOf: DeliveryPolicyOf, placeOf: PlaceOf, interests?: Interests) {
    this.flusher = flusher;
    this.#policyOf = policyOf;
    this.#placeOf = placeOf;
    this.#interests = interests;
  }

  /** Filters that logs were asked for; undefined where they give every message. */
  get asked(): (() => number) | undefined {
    const interests = this.#interests;
    return interests && (() => interests.size);
  }

  get groups(): number {
    return this.#exact.size + this.#wild.size;
  }

  /** The tail of a log: takes each stored message to its groups, then lets them flush. */
  messages = (batch: readonly Stored[]): void => {
    for (const stored of batch) {
      const exact = this.#exact.get(stored.message.topic);
      if (exact !== undefined) this.#add(exact, stored);
      if (this.#wild.size === 0) continue;
      for (const group of this.#wildOf(stored.message.topic))
        if (stored.offset > group.lastOffset || group.stream === undefined) this.#add(group, stored);
        else this.#addLate(group, stored);
    }
    this.flusher.flush();
  };

  /** The group of a filter, made if there is none. Whoever asks for it must add a member or `release` it. */
  group(filter: string): Group {
    const wild = isWildcard(filter);
    let group = wild ? this.#wild.get(filter) : this.#exact.get(filter);
    if (group !== undefined) return group;
    group = new Group(filter, this.#realmOf(filter));
    if (wild) {
      this.#wild.set(filter, group);
      this.#matched.clear();
    } else this.#exact.set(filter, group);
    this.#interests?.take(filter);
    return group;
  }

  /** Forgets a group that nobody is in any more. */
  release(group: Group): void {
    if (group.members > 0) return;
    // What still waits to leave has nobody to go to.
    group.clear();
    if (group.wildcard) {
      this.#wild.delete(group.filter);
      this.#matched.clear();
    } else this.#exact.delete(group.filter);
    this.#interests?.release(group.filter);
  }

  /** The log that holds all topics of a filter; undefined if there are several. */
  placeOf(filter: string): Stream | undefined {
    return isWildcard(namespaceOf(filter)) ? undefined : this.#placeOf(filter);
  }

  /** Settles when the messages of a group come; undefined: they do. Rejects with `LogUnavailable`. */
  ready({ filter }: Group): Promise<void> | undefined {
    return this.#interests?.ready(filter);
  }

  /** Has the logs give filters that are about to have groups; undefined: they do. `end` when the groups are there. */
  hold(wanted: () => readonly Wish[]): Hold | undefined {
    return this.#interests?.hold(wanted());
  }

  /**
   * Whether delivery has come as far as an offset that a client had from a log, perhaps on another node. If not, that offset is not
   * this log's. Rejects with `LogUnavailable`.
   */
  async hasReached({ filter }: Group, stream: Stream, offset: number): Promise<boolean> {
    if (offset > newestOf(stream)) await this.#interests?.catchUp(filter);
    return offset <= newestOf(stream);
  }

  /** One for all filters of the same settings and the same stream. */
  #realmOf(filter: string): Realm {
    const namespace = namespaceOf(filter);
    const policy = this.#policyOf(namespace);
    const stream = this.placeOf(filter);
    const fanout = namespace !== PERSONAL;
    const realms = fanout ? this.#realms : this.#personal;
    const known = realms.get(policy) ?? [];
    let realm = known.find((each) => each.stream === stream);
    if (realm === undefined) realms.set(policy, [...known, (realm = { policy, stream, fanout })]);
    return realm;
  }

  #wildOf(topic: string): readonly Group[] {
    const known = this.#matched.get(topic);
    if (known !== undefined) return known;
    const groups: Group[] = [];
    this.#wild.match(topic, (group) => void groups.push(group));
    if (this.#matched.size >= MOST_MATCHED) this.#matched.clear();
    this.#matched.set(topic, groups.length === 0 ? NO_GROUPS : groups);
    return groups;
  }

  /** Behind newer ones of other topics: where the tail goes by interest, one that got lost on the way comes so. */
  #addLate(group: Group, stored: Stored): void {
    this.flusher.flushGroup(group);
    this.flusher.late(group, stored);
  }

  #add(group: Group, stored: Stored): void {
    this.flusher.queue(group, group.add(stored), stored.message.priority === 2);
  }
}
