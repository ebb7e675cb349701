import { Courier } from "./courier.ts";
import { isEnded } from "./overlap.ts";
import type { SessionState } from "./state.ts";
import type { ActiveSubscription } from "./subscription.ts";

/**
 * Whether a subscription must let others of its client go first, so that no message overtakes an older one of its topic:
 * older subscriptions, until they have come to where this one began, and one that has ended, for what came after its end.
 *
 * @param next - offset of the message that it would take, where it is known
 */
export function mustWait(
  courier: Courier,
  { all, overlap }: Pick<SessionState, "all" | "overlap">,
  epoch: string,
  next: number | undefined,
): boolean {
  // Who has come there stays there: the others need not be asked again.
  courier.isFirst ||= all.every((other) => !isBefore(other, courier) || other.hasReached(courier.since));
  if (!courier.isFirst) return true;
  if (overlap?.hasEnded !== true || next === undefined) return false;
  return all.some((other) => other !== courier && isEnded(other) && mustEnd(other, epoch, next));
}

function isBefore(other: ActiveSubscription, { order }: Courier): other is Courier {
  return other instanceof Courier && other.order < order;
}

function mustEnd(ended: Courier, epoch: string, next: number): boolean {
  const { until } = ended;
  return until !== undefined && next > (until.get(epoch) ?? 0) && !ended.hasReached(until);
}
