import { namespaceOf } from "@tidegate/protocol";
import { Pattern } from "./pattern.ts";
import { WeightedMap } from "./weighted-map.ts";

/** What somebody was granted, as patterns. */
export interface Grants {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** May use the server's own commands. */
  readonly admin: boolean;
  /**
   * Whether a pattern that begins with a wildcard also reaches the personal topics `user/…`. True for API keys only: `#`
   * for a user must not open the letters of all others.
   */
  readonly wildcardsReachUsers: boolean;
  /** Whether a user may subscribe to `user/<own id>` and below. */
  readonly ownTopic: boolean;
}

/** Granted topics, ready to be asked for every publish. Holds no user: 100,000 users with the same grants share one. */
export class Permissions {
  readonly grants: Grants;
  readonly #publish: PatternSet;
  readonly #subscribe: PatternSet;

  constructor(grants: Grants) {
    this.grants = grants;
    const own = grants.ownTopic ? ["user/{user}/#"] : [];
    this.#publish = new PatternSet(grants.publish, grants.wildcardsReachUsers);
    this.#subscribe = new PatternSet([...grants.subscribe, ...own], grants.wildcardsReachUsers);
  }

  get admin(): boolean {
    return this.grants.admin;
  }

  /** @param topic - valid, without wildcards */
  mayPublish(user: string | undefined, topic: string): boolean {
    return this.#publish.covers(topic, user);
  }

  /** @param filter - valid; every topic that it names must be granted */
  maySubscribe(user: string | undefined, filter: string): boolean {
    return this.#subscribe.covers(filter, user) && this.#reachesNoOthers(user, filter);
  }

  /** A filter that begins with a wildcard also names topics of `user/…`: these must be granted on their own. */
  #reachesNoOthers(user: string | undefined, filter: string): boolean {
    const first = filter.charCodeAt(0);
    if (first !== PLUS && first !== HASH) return true;
    const below = first === HASH ? "user/#" : `user${filter.slice(1)}`;
    return this.#subscribe.covers(below, user);
  }
}

const PLUS = 43;
const HASH = 35;
/** Patterns by their first level, so that a thousand grants cost no more than those of one namespace. */
class PatternSet {
  readonly #exact = new Set<string>();
  readonly #byFirst = new Map<string, Pattern[]>();
  readonly #open: Pattern[] = [];
  /** The whole answer for most users and topics. */
  readonly #everything: boolean;
  readonly #wildcardsReachUsers: boolean;

  constructor(patterns: readonly string[], wildcardsReachUsers: boolean) {
    this.#wildcardsReachUsers = wildcardsReachUsers;
    this.#everything = patterns.includes("#");
    for (const text of new Set(patterns)) this.#add(text);
  }

  covers(name: string, user: string | undefined): boolean {
    const isOpen = this.#wildcardsReachUsers || !isPersonal(name);
    if (this.#everything && isOpen && name.charCodeAt(0) !== DOLLAR) return true;
    if (this.#exact.has(name)) return true;
    if (isOpen) for (const pattern of this.#open) if (pattern.covers(name, user)) return true;
    for (const pattern of this.#byFirst.get(namespaceOf(name)) ?? NONE) if (pattern.covers(name, user)) return true;
    return false;
  }

  #add(text: string): void {
    const pattern = new Pattern(text);
    if (pattern.isExact) this.#exact.add(text);
    else if (pattern.first === undefined) this.#open.push(pattern);
    else this.#byFirst.set(pattern.first, [...(this.#byFirst.get(pattern.first) ?? []), pattern]);
  }
}

const NONE: readonly Pattern[] = [];
const DOLLAR = 36;
const SLASH = 47;

/** Whether the first level is `user`. */
function isPersonal(name: string): boolean {
  return name.startsWith("user") && (name.length === 4 || name.charCodeAt(4) === SLASH);
}

/** Makes equal grants one object. Bounded: what is pushed out lives on where it is used, and is made anew if asked again. */
export class PermissionPool {
  readonly #known: WeightedMap<Permissions>;

  /** @param limit - patterns of all kept permissions together; 50,000 take about 40 MB, one a user (bench/held.ts) */
  constructor(limit = 50_000) {
    this.#known = new WeightedMap(limit, ({ grants }) => 1 + grants.publish.length + grants.subscribe.length);
  }

  of(grants: Grants): Permissions {
    const { publish, subscribe, admin, wildcardsReachUsers, ownTopic } = grants;
    const key = JSON.stringify([publish, subscribe, admin, wildcardsReachUsers, ownTopic]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = new Permissions(grants);
    this.#known.set(key, made);
    return made;
  }
}
