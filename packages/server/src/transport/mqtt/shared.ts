import type { MqttClient } from "./client.ts";
import type { MqttContext } from "./context.ts";
import { SharedGroup, type Place } from "./shared-group.ts";
import { SharedMember } from "./shared-member.ts";
import type { StartAt, SubscriptionOptions } from "./subscription.ts";

export { SharedMember } from "./shared-member.ts";

/** Groups whose last member has left, whose place is remembered. */
const REMEMBERED = 10_000;

/** Shared subscriptions: each message goes to one of those who subscribed under the same name. [MQTT 5, 4.8.2] */
export class SharedSubscriptions {
  readonly #context: () => MqttContext;
  readonly #groups = new Map<string, SharedGroup>();
  /** Where groups stood when nobody was there any more, but some are to come back. */
  readonly #left = new Map<string, Place>();

  constructor(context: () => MqttContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#groups.size;
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
    let group = this.#groups.get(whole);
    if (group === undefined) {
      const left = this.#left.get(whole);
      this.#left.delete(whole);
      group = new SharedGroup(this.#context(), whole, filter, left ?? { startAt, again: [], absent: new Set() });
      this.#groups.set(whole, group);
    }
    const member = new SharedMember(group, client, options, () => this.#leave(group, member));
    group.add(member);
    return member;
  }

  #leave(group: SharedGroup, member: SharedMember): void {
    group.remove(member);
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
