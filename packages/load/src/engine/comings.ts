import type { Crowd } from "./crowd.ts";
import type { Member } from "./member.ts";

/** Connections of one agent that may be under way at once: below every listen backlog in use. */
const MAX_CONNECTING = 400;

interface Due {
  readonly at: number;
  readonly member: Member;
  readonly comes: boolean;
}

/** Who connects and who leaves, and when. Connections that must wait for others count from when they were due. */
export class Comings {
  readonly #crowds: readonly Crowd[];
  #due: Due[] = [];
  #next = 0;

  constructor(crowds: readonly Crowd[]) {
    this.#crowds = crowds;
  }

  /** Members below their population's target come, the others go, evenly between `at` and `at + over`. */
  aim(targets: readonly number[], at: number, over: number): void {
    const changing = this.#crowds.flatMap(({ members, plan }) =>
      members.filter((member) => member.wanted !== member.number < (targets[plan.index] ?? 0)),
    );
    // Populations come side by side, not one after another: by their place within their own population.
    const place = ({ number, crowd }: Member): number => number / crowd.plan.spec.count;
    const sorted = changing.toSorted((a, b) => place(a) - place(b));
    this.#plan(sorted.map((member, i) => ({ at: at + (over * i) / sorted.length, member, comes: !member.wanted })));
  }

  /** Closes these members at once, and lets them come back evenly over the time. */
  cut(members: readonly Member[], at: number, back: number): void {
    for (const member of members) {
      member.wanted = false;
      member.close();
    }
    this.#plan(members.map((member, i) => ({ at: at + (back * i) / members.length, member, comes: true })));
  }

  /** Connections that are planned and have not begun. */
  get waiting(): number {
    let count = 0;
    for (let i = this.#next; i < this.#due.length; i++)
      if (this.#due[i]!.comes && !this.#due[i]!.member.wanted) count++;
    return count;
  }

  turn(now: number): void {
    for (; this.#next < this.#due.length; this.#next++) {
      const { at, member, comes } = this.#due[this.#next]!;
      if (at > now || (comes && this.#connecting() >= MAX_CONNECTING)) return;
      member.wanted = comes;
      if (comes) member.crowd.connect(member, at);
      else member.close();
    }
  }

  stop(): void {
    this.#due = [];
    this.#next = 0;
  }

  #plan(due: readonly Due[]): void {
    this.#due = [...this.#due.slice(this.#next), ...due].toSorted((a, b) => a.at - b.at);
    this.#next = 0;
  }

  #connecting(): number {
    let count = 0;
    for (const { connecting } of this.#crowds) count += connecting;
    return count;
  }
}
