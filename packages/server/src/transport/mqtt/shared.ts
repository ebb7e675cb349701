import type { MqttClient } from "./client.ts";
import type { MqttContext } from "./context.ts";
import { streamsOf } from "./cursor.ts";
import { PulledGroup, sharingStreams } from "./pulled-group.ts";
import { SharedGroup, type Place } from "./shared-group.ts";
import { SharedMember } from "./shared-member.ts";
import type { StartAt, SubscriptionOptions } from "./subscription.ts";

export { SharedMember } from "./shared-member.ts";

/** Groups whose last member has left, whose place is remembered. */
const REMEMBERED = 10_000;

/** A shared subscription that somebody is about to join. */
export interface SharedWish {
  /** The filter with its `$share/…`. */
  readonly whole: string;
  readonly filter: string;
  readonly startAt: StartAt;
}

/** Keeps groups that have no members yet. */
export interface SharedHold {
  /** Rejects with `LogUnavailable`. */
  readonly ready: Promise<unknown>;
  /** The members are there, or do not come. */
  end(): void;
}

/** Shared subscriptions: each message goes to one of those who subscribed under the same name. [MQTT 5, 4.8.2] */
export class SharedSubscriptions {
  readonly #context: () => MqttContext;
  readonly #groups = new Map<string, SharedGroup | PulledGroup>();
  /** Where groups stood when nobody was there any more, but some are to come back. */
  readonly #left = new Map<string, Place>();
  /** How many are about to join groups that must not end meanwhile. */
  readonly #held = new Map<PulledGroup, number>();

  constructor(context: () => MqttContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#groups.size;
  }

  /** Has the logs begin what gateways share; undefined: there is nothing to wait for. */
  hold(wishes: () => readonly SharedWish[]): SharedHold | undefined {
    // A gateway alone shares by itself.
    if (this.#context().rivals === undefined) return undefined;
    const groups = wishes().flatMap((wish) => {
      const group = this.#groupOf(wish);
      return group instanceof PulledGroup ? [group] : [];
    });
    if (groups.length === 0) return undefined;
    for (const group of groups) this.#held.set(group, (this.#held.get(group) ?? 0) + 1);
    return { ready: Promise.all(groups.map(({ ready }) => ready)), end: () => this.#letGo(groups) };
  }

  /**
   * The member is held until `release`. `whole` is the filter with its `$share/…`; `startAt` counts only if nobody is in the
   * group and nothing is known of it.
   */
  join(
    client: MqttClient,
    whole: string,
    { filter }: { readonly filter: string },
    options: SubscriptionOptions,
    startAt: StartAt,
  ): SharedMember {
    const group = this.#groupOf({ whole, filter, startAt });
    const member = new SharedMember(group, client, options, () => this.#leave(group, member));
    group.add(member);
    return member;
  }

  #groupOf({ whole, filter, startAt }: SharedWish): SharedGroup | PulledGroup {
    const known = this.#groups.get(whole);
    if (known !== undefined) return known;
    const group = this.#make({ whole, filter, startAt });
    this.#groups.set(whole, group);
    return group;
  }

  #make({ whole, filter, startAt }: SharedWish): SharedGroup | PulledGroup {
    const context = this.#context();
    const streams = sharingStreams(streamsOf(context, filter));
    if (streams !== undefined) return new PulledGroup(context.services.clock, { whole, filter, startAt }, streams);
    const left = this.#left.get(whole);
    this.#left.delete(whole);
    return new SharedGroup(context, whole, filter, left ?? { startAt, again: [], absent: new Set() });
  }

  #letGo(groups: readonly PulledGroup[]): void {
    for (const group of groups) {
      const held = (this.#held.get(group) ?? 1) - 1;
      if (held > 0) this.#held.set(group, held);
      else this.#held.delete(group);
      this.#endPulled(group);
    }
  }

  #endPulled(group: PulledGroup): void {
    if (group.size > 0 || this.#held.has(group) || this.#groups.get(group.name) !== group) return;
    this.#groups.delete(group.name);
    group.stop();
  }

  #leave(group: SharedGroup | PulledGroup, member: SharedMember): void {
    group.remove(member);
    if (group instanceof PulledGroup) return this.#endPulled(group);
    if (group.size > 0 || this.#groups.get(group.name) !== group) return;
    this.#groups.delete(group.name);
    const place = group.stop();
    // Without anybody who is to come back there is no subscription any more.
    if (place.absent.size === 0) return;
    this.#left.set(group.name, place);
    const [oldest] = this.#left.keys();
    if (this.#left.size > REMEMBERED && oldest !== undefined) this.#left.delete(oldest);
  }
}
