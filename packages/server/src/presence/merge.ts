import type { Member } from "@tidegate/protocol";
import type { PresenceChange } from "./presence.ts";

/**
 * Two changes of one topic as one that names at most `maxMembers` of each kind: the later word on a user holds. A
 * return does not cancel the leave before it (nor a leave the join), because somebody may have asked for the members
 * in between; to name it again does no harm.
 */
export function merged(earlier: PresenceChange, later: PresenceChange, maxMembers: number): PresenceChange {
  const joined = byUser(earlier.joined);
  const left = byUser(earlier.left);
  for (const member of later.left) move(member, joined, left);
  for (const member of later.joined) move(member, left, joined);
  return { joined: atMost(joined, maxMembers), left: atMost(left, maxMembers), count: later.count };
}

function byUser(members: readonly Member[]): Map<string, Member> {
  return new Map(members.map((member) => [member.user, member]));
}

function move(member: Member, from: Map<string, Member>, to: Map<string, Member>): void {
  from.delete(member.user);
  to.set(member.user, member);
}

function atMost(members: ReadonlyMap<string, Member>, limit: number): readonly Member[] {
  return members.values().take(limit).toArray();
}
