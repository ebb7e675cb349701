export interface Who {
  readonly user: string;
  readonly session: string;
}

/** Who is in one topic, as plainly as it can be said: no gathering, every question computed anew. */
export class PresenceModel {
  readonly #grace: number;
  readonly #sessions = new Map<string, string>();
  /** When a user's grace time is over. */
  readonly #graces = new Map<string, number>();
  #now = 0;

  constructor(grace: number) {
    this.#grace = grace;
  }

  get members(): string[] {
    const inGrace = [...this.#graces].filter(([, until]) => until > this.#now).map(([user]) => user);
    return [...new Set([...this.#sessions.values(), ...inGrace])].toSorted();
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  enter({ user, session }: Who): void {
    const before = this.#sessions.get(session);
    if (before !== undefined && before !== user) this.exit(session, true);
    this.#sessions.set(session, user);
    this.#graces.delete(user);
  }

  exit(session: string, gone: boolean): void {
    const user = this.#sessions.get(session);
    if (user === undefined) return;
    this.#sessions.delete(session);
    if (!gone && ![...this.#sessions.values()].includes(user)) this.#graces.set(user, this.#now + this.#grace);
  }
}
