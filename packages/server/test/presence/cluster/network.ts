import type { Bus, BusSubject, BusSubscription } from "../../../src/cluster/bus.ts";
import type { FakeClock } from "../../support/fake-clock.ts";
import type { Random } from "../../support/random.ts";

export interface Faults {
  /** Shares of the messages, each on its way to one receiver. */
  readonly lost: number;
  readonly doubled: number;
  /** Milliseconds at most. */
  readonly delay: number;
}

type Handler = (payload: Uint8Array) => void;

/**
 * A network that loses, delays and doubles messages. What one node sends another on one subject arrives in its order, as the port
 * promises, but for doubles: they come at any time.
 */
export class Network {
  readonly clock: FakeClock;
  faults: Faults = { lost: 0, doubled: 0, delay: 0 };
  readonly #random: Random;
  readonly #nodes = new Set<NetworkBus>();
  /** When the last message of a sender to a receiver on a subject arrives. */
  readonly #last = new Map<string, number>();

  constructor(clock: FakeClock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  open(id: string): NetworkBus {
    const bus = new NetworkBus(id, this);
    this.#nodes.add(bus);
    return bus;
  }

  close(bus: NetworkBus): void {
    this.#nodes.delete(bus);
  }

  carry(from: NetworkBus, subject: string, payload: Uint8Array): void {
    for (const to of this.#nodes) {
      if (!to.hears(subject)) continue;
      if (to !== from && this.#random.chance(this.faults.lost)) continue;
      this.#deliver(to, subject, payload, this.#inOrder(`${from.id} ${to.id} ${subject}`));
      if (this.#random.chance(this.faults.doubled)) this.#deliver(to, subject, payload, this.#delay() * 3);
    }
  }

  #deliver(to: NetworkBus, subject: string, payload: Uint8Array, delay: number): void {
    this.clock.after(delay, () => to.arrived(subject, payload.slice()));
  }

  #inOrder(way: string): number {
    const now = this.clock.now();
    const at = Math.max(now + this.#delay(), this.#last.get(way) ?? 0);
    this.#last.set(way, at);
    return at - now;
  }

  #delay(): number {
    return this.#random.int(0, this.faults.delay);
  }
}

export class NetworkBus implements Bus {
  readonly id: string;
  readonly maxPayload = 1 << 20;
  readonly #network: Network;
  readonly #handlers = new Map<string, Set<Handler>>();
  readonly #watchers = new Set<(isUp: boolean) => void>();
  #state: "up" | "silent" | "down" = "up";

  constructor(id: string, network: Network) {
    this.id = id;
    this.#network = network;
  }

  get isUp(): boolean {
    return this.#state !== "down";
  }

  get isCut(): boolean {
    return this.#state !== "up";
  }

  /** `silently`: it does not notice. */
  cut(silently: boolean): void {
    this.#become(silently ? "silent" : "down");
  }

  restore(): void {
    this.#become("up");
  }

  hears(subject: string): boolean {
    return this.#handlers.has(subject);
  }

  arrived(subject: string, payload: Uint8Array): void {
    if (!this.isCut) for (const handler of [...(this.#handlers.get(subject) ?? [])]) handler(payload);
  }

  publish(subject: BusSubject, payload: Uint8Array): void {
    if (!this.isCut) this.#network.carry(this, subject.join("."), payload);
  }

  subscribe(subject: BusSubject, handler: Handler): BusSubscription {
    const name = subject.join(".");
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(handler));
    return { ready: Promise.resolve(), end: () => void handlers.delete(handler) };
  }

  answer(): BusSubscription {
    throw new Error("presence has no answers");
  }

  async request(): Promise<Uint8Array> {
    throw new Error("presence has no requests");
  }

  watch(changed: (isUp: boolean) => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  async probe(): Promise<void> {}

  async close(): Promise<void> {
    this.#network.close(this);
    this.#handlers.clear();
    this.#watchers.clear();
  }

  #become(state: "up" | "silent" | "down"): void {
    const before = this.isUp;
    this.#state = state;
    if (before !== this.isUp) for (const watcher of this.#watchers) watcher(this.isUp);
  }
}
