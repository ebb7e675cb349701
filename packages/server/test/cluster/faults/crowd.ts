import { until } from "../../support/until.ts";
import type { Ledger } from "./ledger.ts";
import { Member, type MemberOptions } from "./member.ts";

export interface CrowdOptions {
  readonly url: string;
  readonly ledger: Ledger;
  readonly members: number;
  /** Each member is subscribed to so many of them. */
  readonly topics: number;
  readonly each: number;
  /** Messages a second, of all members together. */
  readonly rate: number;
  /** New members a second at the start. */
  readonly arrivals?: number;
  readonly client?: MemberOptions["client"];
}

/** Publishes of one member that may wait for their replies: more are not made while nothing is answered. */
const WAITING = 20;
const TICK = 20;

/** SDK clients in rooms, some of which talk all the time. */
export class Crowd {
  readonly members: Member[] = [];
  readonly #options: CrowdOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #turn = 0;
  #due = 0;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  /** Resolves when all are there. */
  async gather(): Promise<void> {
    const { members, arrivals = 500 } = this.#options;
    for (let n = 0; n < members; n++) {
      this.members.push(this.#member(n));
      if ((n + 1) % Math.ceil(arrivals / 10) === 0) await Bun.sleep(100);
    }
    await until(() => this.members.every(({ isWhole }) => isWhole));
    // How they came is not what is looked at.
    for (const { absences } of this.members) absences.length = 0;
  }

  talk(): void {
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#due += ((now - last) / 1000) * this.#options.rate;
      last = now;
      for (; this.#due >= 1; this.#due -= 1) this.#next();
    }, TICK);
  }

  /** Resolves when all that was published is acknowledged and has come to everybody, or after `patience` milliseconds. */
  async rest(patience = 30_000): Promise<void> {
    clearInterval(this.#timer);
    const end = performance.now() + patience;
    const late = (): boolean => performance.now() > end;
    await until(() => this.members.every(({ pending }) => pending === 0) || late());
    await until(() => this.members.every(({ readers }) => readers.every(({ isWhole }) => isWhole)) || late());
    const waiting = this.members.reduce((sum, { pending }) => sum + pending, 0);
    if (waiting > 0) this.#options.ledger.fault(`${waiting} publishes have no answer`);
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.members.map((member) => member.close()));
  }

  /** The first one follows all topics by a filter. */
  #member(n: number): Member {
    const { url, ledger, topics, each, client } = this.#options;
    const common = { name: `m${n}`, url, ledger, ...(client ? { client } : {}) };
    if (n === 0)
      return new Member({ ...common, topics: Array.from({ length: topics }, (_, k) => topicOf(k)), filter: FILTER });
    const own = Array.from({ length: each }, (_, k) => topicOf((n + k * 7) % topics));
    return new Member({ ...common, topics: [...new Set(own)] });
  }

  #next(): void {
    const turn = this.#turn++;
    const member = this.members[turn % this.members.length];
    if (member !== undefined && member.pending < WAITING) member.publish(topicOf(turn % this.#options.topics));
  }
}

const FILTER = "chat/#";

export function topicOf(number: number): string {
  return `chat/room_${number}`;
}
