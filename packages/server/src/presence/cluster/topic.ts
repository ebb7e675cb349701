import type { Member } from "@tidegate/protocol";
import type { Gauge } from "../gatherer.ts";
import type { Room } from "../room.ts";

/** A gateway that answers for members. */
export interface Owner {
  readonly id: string;
  /** It is not there any more; its members are, until their grace times are over. */
  readonly isGone: boolean;
}

/** The list of an owner's members as of one of its snapshots, and all that it said after that. */
export class Edition {
  readonly owner: Owner;
  /** Claims, in all topics. */
  size = 0;

  constructor(owner: Owner) {
    this.owner = owner;
  }
}

/** An owner's word that a user is in a topic. There is one for each member at least, so it is small. */
export interface Claim {
  readonly user: string;
  info: string | undefined;
  /** When a session of the user entered there last: milliseconds since 1970 by the owner's clock. */
  at: number;
  edition: Edition;
}

/** The members of one topic on all gateways. Nearly every user has one claim; who is on several gateways has a list. */
export class Topic implements Gauge {
  readonly name: string;
  readonly claims = new Map<string, Claim | Claim[]>();
  /** The sessions on this gateway; undefined if there are none, so that nobody here is told of changes. */
  local: Room | undefined = undefined;
  /** Milliseconds, as whoever entered last said. */
  grace = 0;
  maxMembers = 0;

  constructor(name: string) {
    this.name = name;
  }

  get count(): number {
    return this.claims.size;
  }

  get receivers(): number {
    return this.local?.receivers ?? 0;
  }

  claimOf(user: string, owner: Owner): Claim | undefined {
    return claimsOf(this.claims.get(user)).find(({ edition }) => edition.owner === owner);
  }

  list(limit: number): readonly Member[] {
    return this.claims
      .values()
      .take(Math.max(0, limit))
      .map((claims) => memberOf(claims))
      .toArray();
  }
}

export function claimsOf(claims: Claim | Claim[] | undefined): readonly Claim[] {
  if (claims === undefined) return [];
  return Array.isArray(claims) ? claims : [claims];
}

/** What is told of the user: what it said last, by the clocks of the gateways; every gateway comes to the same answer. */
export function memberOf(claims: Claim | Claim[]): Member {
  const { user, info } = Array.isArray(claims) ? claims.reduce((a, b) => (isLater(b, a) ? b : a)) : claims;
  return { user, info };
}

function isLater(a: Claim, b: Claim): boolean {
  return a.at > b.at || (a.at === b.at && a.edition.owner.id > b.edition.owner.id);
}
