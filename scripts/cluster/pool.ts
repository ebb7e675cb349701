import { type Backend, type Health, probe } from "./backend.ts";

export interface PoolSettings {
  /** Milliseconds between two probes of a gateway. */
  readonly interval: number;
  /** Milliseconds that a probe may take. */
  readonly patience: number;
  /** Probes in a row without an answer after which a gateway counts as gone. */
  readonly misses: number;
  readonly changed: (backend: Backend, health: Health) => void;
}

export const PROBES = { interval: 250, patience: 1000, misses: 3 } as const;

interface Member {
  readonly backend: Backend;
  health: Health;
  misses: number;
}

/** The gateways behind a balancer, and which of them takes the next connection. */
export class Pool {
  readonly #settings: PoolSettings;
  readonly #members: readonly Member[];
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #gone = new Set<(backend: Backend) => void>();
  #turn = 0;

  constructor(backends: readonly Backend[], settings: PoolSettings) {
    this.#settings = settings;
    this.#members = backends.map((backend) => ({ backend, health: "gone", misses: 0 }));
    this.#timer = setInterval(() => void this.probe(), settings.interval);
  }

  get ready(): readonly Backend[] {
    return this.#those("ready");
  }

  healthOf(name: string): Health | undefined {
    return this.#members.find(({ backend }) => backend.name === name)?.health;
  }

  /**
   * Whom to try for a connection, the next in turn first. If nobody is ready, those that live come: their clients are told what is
   * wrong and wait there, where a refused connection would have them back off.
   */
  candidates(): readonly Backend[] {
    const ready = this.ready;
    const all = ready.length > 0 ? ready : this.#those("unready");
    const first = all.length === 0 ? 0 : this.#turn++ % all.length;
    return [...all.slice(first), ...all.slice(0, first)];
  }

  /** A connection to it failed: it is asked at once. Only its own answer, or none, counts: it may be this side that is out of ports. */
  failed(backend: Backend): void {
    const member = this.#members.find((each) => each.backend === backend);
    if (member !== undefined) void this.#probe(member);
  }

  /** Called with each gateway that does not answer any more. */
  onGone(listener: (backend: Backend) => void): void {
    this.#gone.add(listener);
  }

  /** Asks all of them at once. */
  async probe(): Promise<void> {
    await Promise.all(this.#members.map((member) => this.#probe(member)));
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#gone.clear();
  }

  #those(health: Health): readonly Backend[] {
    return this.#members.filter((member) => member.health === health).map(({ backend }) => backend);
  }

  async #probe(member: Member): Promise<void> {
    const { patience, misses } = this.#settings;
    const health = await probe(member.backend, patience);
    member.misses = health === undefined ? member.misses + 1 : 0;
    if (health !== undefined) this.#set(member, health);
    else if (member.misses >= misses) this.#set(member, "gone");
  }

  #set(member: Member, health: Health): void {
    if (member.health === health) return;
    member.health = health;
    if (health === "gone") for (const listener of this.#gone) listener(member.backend);
    this.#settings.changed(member.backend, health);
  }
}
