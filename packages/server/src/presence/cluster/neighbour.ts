import { Edition, type Owner } from "./topic.ts";
import type { Head } from "./wire.ts";

/**
 * asking: what is known of its members is old, and changes are of no use. receiving: a snapshot is under way.
 * live: all that it said was heard. gone: it is no node any more.
 */
export type NeighbourState = "asking" | "receiving" | "live" | "gone";

/** What to do with a message. */
export type Verdict =
  | "ignore"
  /** Its news are the next ones. */
  | "apply"
  /** They are, and all that was known before and not said since the snapshot's begin is over. */
  | "finish"
  /** The owner has no members. */
  | "empty"
  /** Something was not heard: ask. */
  | "hole"
  /** Everything was heard, and yet the counts differ. */
  | "differs";

type Numbered = Exclude<Head, { readonly kind: "ask" }>;

/** Another gateway, and how much of what it says was heard. */
export class Neighbour implements Owner {
  readonly id: string;
  edition: Edition;
  state: NeighbourState = "asking";
  /** When it was heard last, and when it was asked: milliseconds since 1970. */
  heardAt: number;
  askedAt = -Infinity;
  /** It was heard since the bus came back. */
  isConfirmed = false;
  /** The largest number that was heard. */
  #seen = -1;

  constructor(id: string, now: number) {
    this.id = id;
    this.heardAt = now;
    this.edition = new Edition(this);
  }

  get isGone(): boolean {
    return this.state === "gone";
  }

  /** Nothing that it says from now on is missed. */
  get isWhole(): boolean {
    return this.state === "live" && this.isConfirmed;
  }

  /** What a message means, by its place in the order; the neighbour is then in the state after it. */
  hear(head: Numbered): Verdict {
    if (this.state === "gone") return "ignore";
    const isNext = head.number === this.#seen + 1;
    if (head.kind === "digest") return this.#digest(head.number, head.count);
    if (head.number <= this.#seen) return "ignore";
    this.#seen = head.number;
    if (head.kind === "begin" || head.kind === "whole") return this.#begin(head.kind === "whole", isNext);
    if (this.state === "asking") return "ignore";
    if (!isNext) return this.#lose();
    if (this.state === "live") return head.kind === "change" ? "apply" : "ignore";
    if (head.kind !== "end") return "apply";
    this.state = "live";
    return "finish";
  }

  /** What is known of its members may be wrong. */
  doubt(): void {
    if (this.state !== "gone") this.state = "asking";
  }

  /** It is there again, after it was gone. */
  returned(now: number): void {
    this.state = "asking";
    this.heardAt = now;
  }

  /** A snapshot for others is passed over by who has heard all. */
  #begin(isWhole: boolean, isNext: boolean): Verdict {
    if (this.state === "live" && isNext) return "ignore";
    this.edition = new Edition(this);
    this.state = isWhole ? "live" : "receiving";
    return isWhole ? "finish" : "apply";
  }

  #digest(number: number, count: number): Verdict {
    if (number < this.#seen) return "ignore";
    const isHeard = number === this.#seen;
    this.#seen = number;
    if (count === 0 && this.state === "asking") {
      this.edition = new Edition(this);
      this.state = "live";
      return "empty";
    }
    if (this.state === "asking" || !isHeard) return this.#lose();
    if (this.state === "receiving" || count === this.edition.size) return "ignore";
    this.state = "asking";
    return "differs";
  }

  #lose(): Verdict {
    this.state = "asking";
    return "hole";
  }
}
