import { isWildcard, namespaceOf, type Stored } from "@tidegate/protocol";
import { messageSize } from "../log/appender.ts";
import type { Stream, StreamOf } from "../log/stream.ts";
import { Trie } from "../router/trie.ts";
import type { Flusher } from "./flusher.ts";
import { Group, type DeliveryPolicy } from "./group.ts";

export type DeliveryPolicyOf = (namespace: string) => DeliveryPolicy;

/** Finds who gets a stored message: groups by exact topic, and by filter with wildcards. */
export class Hub {
  readonly flusher: Flusher;
  readonly #policyOf: DeliveryPolicyOf;
  readonly #streamOf: StreamOf;
  readonly #exact = new Map<string, Group>();
  readonly #wild = new Trie<Group>();
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
    const namespace = namespaceOf(filter);
    group = new Group(filter, this.#policyOf(namespace), this.#stream(namespace));
    if (wild) this.#wild.set(filter, group);
    else this.#exact.set(filter, group);
    return group;
  }

  /** Forgets a group that nobody is in any more. */
  release(group: Group): void {
    if (group.members > 0) return;
    // What still waits to leave has nobody to go to.
    group.pending = [];
    if (group.wildcard) this.#wild.delete(group.filter);
    else this.#exact.delete(group.filter);
  }

  #stream(namespace: string): Stream | undefined {
    return isWildcard(namespace) ? undefined : this.#streamOf(namespace);
  }

  #visit = (group: Group): void => {
    if (this.#current !== undefined) this.#add(group, this.#current);
  };

  #add(group: Group, stored: Stored): void {
    group.pending.push(stored);
    group.pendingBytes += messageSize(stored.message);
    group.lastOffset = stored.offset;
    this.flusher.queue(group, stored.message.priority === 2);
  }
}
