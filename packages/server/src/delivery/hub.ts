import { isWildcard, namespaceOf, type Stored } from "@tidegate/protocol";
import type { StreamOf } from "../log/stream.ts";
import { Trie } from "../router/trie.ts";
import type { Flusher } from "./flusher.ts";
import { Group, type DeliveryPolicy, type Realm } from "./group.ts";

/** The same object for all namespaces with the same settings. */
export type DeliveryPolicyOf = (namespace: string) => DeliveryPolicy;

/** Personal topics: `user/<id>`. */
const PERSONAL = "user";

/** Finds who gets a stored message: groups by exact topic, and by filter with wildcards. */
export class Hub {
  readonly flusher: Flusher;
  readonly #policyOf: DeliveryPolicyOf;
  readonly #streamOf: StreamOf;
  readonly #exact = new Map<string, Group>();
  readonly #wild = new Trie<Group>();
  /** As many as there are kinds of namespaces, not as namespaces. */
  readonly #realms = new Map<DeliveryPolicy, Realm>();
  #personal: Realm | undefined = undefined;
  /** The message being matched: kept here so that a match needs no closure. */
  #current: Stored | undefined = undefined;

  constructor(flusher: Flusher, policyOf: DeliveryPolicyOf, streamOf: StreamOf) {
    this.flusher = flusher;
    this.#policyOf = policyOf;
    this.#streamOf = streamOf;
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
      this.#current = stored;
      this.#wild.match(stored.message.topic, this.#visit);
    }
    this.flusher.flush();
  };

  /** The group of a filter, made if there is none. Whoever asks for it must add a member or `release` it. */
  group(filter: string): Group {
    const wild = isWildcard(filter);
    let group = wild ? this.#wild.get(filter) : this.#exact.get(filter);
    if (group !== undefined) return group;
    group = new Group(filter, this.#realmOf(namespaceOf(filter)));
    if (wild) this.#wild.set(filter, group);
    else this.#exact.set(filter, group);
    return group;
  }

  /** Forgets a group that nobody is in any more. */
  release(group: Group): void {
    if (group.members > 0) return;
    // What still waits to leave has nobody to go to.
    group.clear();
    if (group.wildcard) this.#wild.delete(group.filter);
    else this.#exact.delete(group.filter);
  }

  #realmOf(namespace: string): Realm {
    const policy = this.#policyOf(namespace);
    if (isWildcard(namespace)) return { policy, stream: undefined, fanout: true };
    if (namespace === PERSONAL)
      return (this.#personal ??= { policy, stream: this.#streamOf(namespace), fanout: false });
    let realm = this.#realms.get(policy);
    if (realm === undefined)
      this.#realms.set(policy, (realm = { policy, stream: this.#streamOf(namespace), fanout: true }));
    return realm;
  }

  #visit = (group: Group): void => {
    if (this.#current !== undefined) this.#add(group, this.#current);
  };

  #add(group: Group, stored: Stored): void {
    this.flusher.queue(group, group.add(stored), stored.message.priority === 2);
  }
}
