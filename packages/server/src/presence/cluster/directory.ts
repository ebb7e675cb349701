import type { Member } from "@tidegate/protocol";
import { claimsOf, memberOf, Topic, type Claim, type Edition, type Owner } from "./topic.ts";

/** What an owner says of one of its members. */
export interface Said extends Member {
  readonly at: number;
}

/** What becomes of members of the whole cluster; called when the directory is already as it says. */
export interface DirectoryEvents {
  joined(topic: Topic, member: Member): void;
  /** What is told of a member has changed. */
  renewed(topic: Topic, member: Member): void;
  left(topic: Topic, member: Member): void;
  /** A member of one owner is now claimed by `owner` too. */
  shared(topic: Topic, user: string, owner: Owner): void;
}

/** Who is in which topic, on whatever gateway. A user with claims of several owners is one member until the last of them goes. */
export class Directory {
  readonly #events: DirectoryEvents;
  readonly #topics = new Map<string, Topic>();
  /** In all topics together. */
  members = 0;

  constructor(events: DirectoryEvents) {
    this.#events = events;
  }

  get topics(): ReadonlyMap<string, Topic> {
    return this.#topics;
  }

  /** Makes it if nobody was there; a claim must follow. */
  topic(name: string): Topic {
    let topic = this.#topics.get(name);
    if (topic === undefined) this.#topics.set(name, (topic = new Topic(name)));
    return topic;
  }

  /** The edition's owner has the member; what it said of it before is replaced. */
  claim(topic: Topic, edition: Edition, { user, info, at }: Said): void {
    const before = topic.claims.get(user);
    if (before === undefined) {
      topic.claims.set(user, { user, info, at, edition });
      edition.size++;
      this.members++;
      this.#events.joined(topic, { user, info });
      return;
    }
    const old = memberOf(before);
    const own = claimsOf(before).find((claim) => claim.edition.owner === edition.owner);
    if (own === undefined) this.#add(topic, { user, info, at, edition }, before);
    else renew(own, { user, info, at }, edition);
    this.#tellRenewed(topic, old);
  }

  /** The owner has the user no more. */
  release(topic: Topic, owner: Owner, user: string): void {
    const claims = topic.claims.get(user);
    if (claims !== undefined) this.#keep(topic, claims, (claim) => claim.edition.owner !== owner);
  }

  /** Ends all claims that `isOver`. */
  sweep(isOver: (claim: Claim, topic: Topic) => boolean): void {
    for (const topic of this.#topics.values())
      for (const claims of topic.claims.values()) this.#keep(topic, claims, (claim) => !isOver(claim, topic));
  }

  clear(): void {
    this.#topics.clear();
    this.members = 0;
  }

  /** A word of somebody who lives ends those of owners that are gone. */
  #add(topic: Topic, claim: Claim, before: Claim | Claim[]): void {
    const { user, edition } = claim;
    const alive = claimsOf(before).filter((one) => !one.edition.owner.isGone);
    for (const one of claimsOf(before)) if (one.edition.owner.isGone) one.edition.size--;
    topic.claims.set(user, alive.length === 0 ? claim : [...alive, claim]);
    edition.size++;
    if (alive.length > 0) this.#events.shared(topic, user, edition.owner);
  }

  #keep(topic: Topic, claims: Claim | Claim[], stays: (claim: Claim) => boolean): void {
    // Nearly all have one claim, and a sweep looks at every one.
    if (!Array.isArray(claims) && stays(claims)) return;
    const all = claimsOf(claims);
    const kept = all.filter(stays);
    if (kept.length === all.length) return;
    const old = memberOf(claims);
    for (const claim of all) if (!kept.includes(claim)) claim.edition.size--;
    if (kept.length === 0) return this.#leave(topic, old);
    topic.claims.set(old.user, kept.length === 1 ? kept[0]! : kept);
    this.#tellRenewed(topic, old);
  }

  #leave(topic: Topic, member: Member): void {
    topic.claims.delete(member.user);
    this.members--;
    if (topic.claims.size === 0) this.#topics.delete(topic.name);
    this.#events.left(topic, member);
  }

  #tellRenewed(topic: Topic, old: Member): void {
    const claims = topic.claims.get(old.user);
    if (claims === undefined) return;
    const now = memberOf(claims);
    if (now.info !== old.info) this.#events.renewed(topic, now);
  }
}

function renew(claim: Claim, { info, at }: Said, edition: Edition): void {
  claim.info = info;
  claim.at = at;
  claim.edition.size--;
  claim.edition = edition;
  edition.size++;
}
