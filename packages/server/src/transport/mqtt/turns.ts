import { Courier } from "./courier.ts";
import type { ActiveSubscription } from "./subscription.ts";

/**
 * Whether a subscription must let others of its client go first, so that no message overtakes an older one of its topic:
 * older subscriptions, until they have come to where this one began, and one that has ended, for what came after its end.
 *
 * @param next - offset of the message that it would take, where it is known
 */
export function mustWait(
  courier: Courier,
  all: readonly ActiveSubscription[],
  epoch: string,
  next: number | undefined,
): boolean {
  for (const other of all) {
    if (other === courier || !(other instanceof Courier)) continue;
    if (other.order < courier.order && !other.hasReached(courier.since)) return true;
    const { until } = other;
    if (until === undefined || next === undefined || next <= (until.get(epoch) ?? 0)) continue;
    if (!other.hasReached(until)) return true;
  }
  return false;
}
