import type { Clock } from "../../clock.ts";
import { Deadlines, type Deadline } from "../deadlines.ts";
import type { Directory } from "./directory.ts";
import type { Neighbour } from "./neighbour.ts";
import { claimsOf } from "./topic.ts";

interface Departure {
  readonly neighbour: Neighbour;
  /** Milliseconds: its members in topics with this grace time or a shorter one leave. */
  readonly grace: number;
}

/**
 * The members of gateways that are gone. They leave with the grace times of their topics, which every gateway counts for
 * itself: a client that comes back elsewhere within it was never away.
 */
export class Departed {
  readonly #clock: Clock;
  readonly #directory: Directory;
  readonly #forget: (neighbour: Neighbour) => void;
  readonly #deadlines: Deadlines<Departure>;
  readonly #of = new Map<Neighbour, Deadline<Departure>[]>();

  /** `forget`: the last of its members has left. */
  constructor(clock: Clock, directory: Directory, forget: (neighbour: Neighbour) => void) {
    this.#clock = clock;
    this.#directory = directory;
    this.#forget = forget;
    this.#deadlines = new Deadlines(clock, (departure) => this.#over(departure));
  }

  /** `since`: when its members' grace times began, milliseconds since 1970. */
  add(neighbour: Neighbour, since: number): void {
    const now = this.#clock.now();
    const graces = [...this.#gracesOf(neighbour)].toSorted((a, b) => a - b);
    if (graces.length === 0) return this.#forget(neighbour);
    const left = (grace: number) => Math.min(grace, Math.max(0, since + grace - now));
    const add = (grace: number) => this.#deadlines.add({ neighbour, grace }, left(grace));
    this.#of.set(neighbour, graces.map(add));
  }

  /** It is there again, and answers for its members itself. */
  remove(neighbour: Neighbour): void {
    for (const deadline of this.#of.get(neighbour) ?? []) this.#deadlines.remove(deadline);
    this.#of.delete(neighbour);
  }

  clear(): void {
    this.#deadlines.clear();
    this.#of.clear();
  }

  #gracesOf(neighbour: Neighbour): ReadonlySet<number> {
    const graces = new Set<number>();
    for (const topic of this.#directory.topics.values()) {
      if (graces.has(topic.grace)) continue;
      const isOf = (claims: Parameters<typeof claimsOf>[0]) =>
        claimsOf(claims).some(({ edition }) => edition.owner === neighbour);
      if (topic.claims.values().some(isOf)) graces.add(topic.grace);
    }
    return graces;
  }

  #over({ neighbour, grace }: Departure): void {
    const rest = this.#of.get(neighbour)?.filter((deadline) => deadline.index >= 0) ?? [];
    const isLast = rest.length === 0;
    // A topic's grace time may have become another one meanwhile: with the last one all go.
    this.#directory.sweep(({ edition }, topic) => edition.owner === neighbour && (isLast || topic.grace <= grace));
    if (!isLast) return;
    this.#of.delete(neighbour);
    this.#forget(neighbour);
  }
}
