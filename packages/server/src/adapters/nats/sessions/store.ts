import type { NatsConnection } from "@nats-io/transport-node";
import type { Clock } from "../../../clock.ts";
import {
  SessionsUnavailable,
  type Claimed,
  type Decide,
  type SessionChange,
  type SessionStore,
  type StoredSession,
  type Stray,
} from "../../../durable/session-store.ts";
import { SessionModel } from "../../../durable/session-model.ts";
import { baseDraft, changed, closed, NatsClaim, type ClaimParts } from "./claim.ts";
import { Ends } from "./ends.ts";
import { Order } from "./order.ts";
import { Conflict, type Known, type SessionStream } from "./stream.ts";
import type { SessionPlace } from "./subjects.ts";

export interface NatsSessionStoreParts {
  readonly connection: NatsConnection;
  readonly stream: SessionStream;
  readonly clock: Clock;
  readonly randomId: () => string;
  readonly patience: number;
}

/** Sessions of a cluster in a JetStream stream: two subjects a session, one message each. */
export class NatsSessionStore implements SessionStore {
  readonly #parts: NatsSessionStoreParts;
  readonly #order = new Order();
  readonly #ends: Ends;
  readonly #claiming: ClaimParts;
  #closing: Promise<void> | undefined;

  constructor(parts: NatsSessionStoreParts) {
    this.#parts = parts;
    const { stream, clock, patience } = parts;
    this.#ends = new Ends(stream, clock);
    this.#claiming = { stream, clock, patience, order: this.#order, isClosed: () => this.#closing !== undefined };
  }

  load(id: string): Promise<StoredSession | undefined> {
    return this.#run(id, async () => (await this.#parts.stream.read(this.#placeOf(id))).stored);
  }

  claim(id: string, decide: Decide): Promise<Claimed> {
    return this.#run(id, () => this.#claim(id, decide));
  }

  async write(id: string, changes: readonly SessionChange[]): Promise<void> {
    await this.claim(id, () => changes);
  }

  strays(owners: readonly string[], limit: number): Promise<readonly Stray[]> {
    return this.#look((ends) => ends.strays(owners, limit));
  }

  expired(now: number, limit: number): Promise<readonly string[]> {
    return this.#look((ends) => ends.expired(now, limit));
  }

  count(): Promise<number> {
    return this.#look((ends) => ends.size);
  }

  async probe(): Promise<void> {
    if (this.#closing !== undefined) throw closed();
    await this.#parts.stream.probe();
  }

  close(): Promise<void> {
    this.#closing ??= this.#order.idle().then(() => this.#parts.connection.close());
    return this.#closing;
  }

  #placeOf(id: string): SessionPlace {
    return this.#parts.stream.subjects.of(id);
  }

  async #run<T>(id: string, task: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closed();
    this.#parts.stream.check();
    return this.#order.run(id, task);
  }

  async #look<T>(task: (ends: Ends) => T): Promise<T> {
    if (this.#closing !== undefined) throw closed();
    this.#parts.stream.check();
    return this.#order.alone(async () => {
      await this.#ends.refresh();
      return task(this.#ends);
    });
  }

  /** Reads, decides and writes, until nobody came in between. */
  async #claim(id: string, decide: Decide): Promise<Claimed> {
    const place = this.#placeOf(id);
    for (let tries = 0; tries < TRIES; tries++) {
      const known = await this.#parts.stream.read(place);
      const { stored } = known;
      const changes = decide(stored);
      if (changes === undefined) return { stored, claim: undefined };
      const taken = await this.#take(place, known, changes);
      if (taken !== undefined) return { stored, claim: taken };
    }
    throw new SessionsUnavailable(`the session ${JSON.stringify(id)} changes faster than it can be claimed`);
  }

  /** Undefined if somebody else was faster. A base in any case: it makes what others know of the session wrong. */
  async #take(place: SessionPlace, known: Known, changes: readonly SessionChange[]): Promise<NatsClaim | undefined> {
    const { stream, randomId } = this.#parts;
    const token = randomId();
    const by = `${token}:0`;
    let model = known.stored && SessionModel.of(known.stored);
    const had = model !== undefined;
    for (const change of changes) model = changed(model, change);
    if (!had && model === undefined) return new NatsClaim(this.#claiming, place, token, known);
    try {
      const draft = baseDraft(place, by, model);
      const last = await stream.write(place, draft, known.last);
      if (known.delta > 0) stream.remove(known.delta);
      return new NatsClaim(this.#claiming, place, token, { stored: model?.stored(), by, last, base: last, delta: 0 });
    } catch (error) {
      if (error instanceof Conflict) return undefined;
      throw error;
    }
  }
}

/** Each that fails has seen another one succeed. */
const TRIES = 20;
