import type { Clock } from "../../clock.ts";
import { BusUnavailable, type Bus, type BusSubscription } from "../../cluster/bus.ts";
import type { Nodes } from "../../cluster/nodes.ts";
import { decodeLeave, decodeArrivals, encodeArrivals, isNewer, type Arrival } from "./arrivals.ts";
import type { Roster } from "./roster.ts";
import type { WillKeeper } from "./will-keeper.ts";

export interface RivalsParts {
  readonly bus: Bus;
  readonly nodes: Pick<Nodes, "self" | "has">;
  readonly clock: Clock;
  readonly roster: Roster;
  readonly wills: WillKeeper;
  readonly warn: (error: unknown, message: string) => void;
}

/**
 * The other gateways of the cluster, where a client may be connected under an id that somebody connects with here. Each tells all
 * others who has come, those of a turn together; who has the same id gives way. A gateway that has a durable session is asked to store
 * all of it before it is taken.
 */
export class Rivals {
  readonly #parts: RivalsParts;
  readonly #subscriptions: readonly BusSubscription[];
  readonly #unwatch: () => void;
  #arrived: Arrival[] = [];
  /** No arrival that this gateway has heard of is later. */
  #latest = 0;

  constructor(parts: RivalsParts) {
    const { bus, nodes } = parts;
    this.#parts = parts;
    this.#subscriptions = [
      bus.subscribe(HERE, (payload) => this.#hear(payload)),
      bus.answer(leaveSubject(nodes.self), (payload) => this.#leave(payload)),
    ];
    // Who has come while nobody heard it is told now.
    this.#unwatch = bus.watch((isUp) => isUp && this.#announceAll());
  }

  get isUp(): boolean {
    return this.#parts.bus.isUp;
  }

  /** Whether it is another gateway, and there. */
  isThere(node: string): boolean {
    const { nodes } = this.#parts;
    return node !== nodes.self && nodes.has(node);
  }

  /**
   * Asks a gateway to close a client's connection. True: it has stored everything. False: it does not answer; what it writes from
   * now on is refused by the store.
   *
   * @param resumes - the session goes on: a will that waits is taken back
   */
  async ask(node: string, key: string, resumes: boolean): Promise<boolean> {
    try {
      const payload = encoder.encode(JSON.stringify({ key, resumes }));
      await this.#parts.bus.request(leaveSubject(node), payload, PATIENCE);
      return true;
    } catch (error) {
      if (!(error instanceof BusUnavailable)) throw error;
      return false;
    }
  }

  /** When a client comes: later than all that was heard of, however the clocks of gateways differ. Milliseconds since 1970. */
  stamp(): number {
    this.#latest = Math.max(this.#parts.clock.now(), this.#latest + STEP);
    return this.#latest;
  }

  /** A client has come. The others hear of it at the end of the turn. */
  announce(arrival: Arrival): void {
    this.#arrived.push(arrival);
    if (this.#arrived.length === 1) this.#parts.clock.endOfTurn(() => this.#tell());
  }

  stop(): void {
    this.#unwatch();
    for (const subscription of this.#subscriptions) subscription.end();
  }

  #tell(): void {
    const { bus, nodes } = this.#parts;
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const payload of encodeArrivals(nodes.self, arrived, bus.maxPayload)) bus.publish(HERE, payload);
  }

  #announceAll(): void {
    for (const client of this.#parts.roster)
      if (client.hasState) this.announce({ ...client.state.arrival, isAgain: true });
  }

  #hear(payload: Uint8Array): void {
    const { nodes, roster, clock } = this.#parts;
    try {
      const { node, arrived } = decodeArrivals(payload);
      if (node === nodes.self) return;
      for (const theirs of arrived) {
        this.#latest = Math.max(this.#latest, theirs.at);
        const client = roster.get(theirs.key);
        if (client === undefined || !client.hasState) continue;
        const own = client.state.arrival;
        if (isNewer({ ...theirs, node }, { ...own, node: nodes.self }, clock.now())) client.takenOver();
        else this.announce({ ...own, isAgain: true });
      }
    } catch (error) {
      this.#parts.warn(error, "mqtt: another gateway said something that cannot be read");
    }
  }

  async #leave(payload: Uint8Array): Promise<Uint8Array> {
    const { roster, wills } = this.#parts;
    const { key, resumes } = decodeLeave(payload);
    roster.get(key)?.takenOver();
    await roster.whenLeft(key);
    // [MQTT-3.1.3-9]
    if (resumes) wills.revoke(key);
    // Should the store be away there is no answer, and who asks publishes the will itself.
    else await wills.execute(key);
    return new Uint8Array(0);
  }
}

function leaveSubject(node: string): readonly string[] {
  return ["mqtt", "leave", node];
}

const HERE = ["mqtt", "here"];
/** Milliseconds: less than clocks tell, more than a number of this size leaves out. */
const STEP = 0.001;
/** Milliseconds. */
const PATIENCE = 5000;
const encoder = new TextEncoder();
