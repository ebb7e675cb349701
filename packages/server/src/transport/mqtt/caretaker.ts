import type { SessionChange, StoredSession } from "../../durable/session-store.ts";
import { isEldest } from "../../cluster/eldest.ts";
import type { Nodes } from "../../cluster/nodes.ts";
import type { MqttContext } from "./context.ts";
import { readNote } from "./note.ts";
import { delayOf, readTestament, type WrittenWill } from "./testament.ts";

/** Sessions that are looked after together. */
const SLICE = 100;
/** Milliseconds after which a round leaves the rest to the next one. */
const ROUND = 1000;
/** Milliseconds for which a gateway must have been unknown before its sessions are looked after: it may just have come. */
const GRACE = 3000;

/**
 * Looks after sessions that nobody has: those whose time is over, and those of gateways that were killed. One gateway of the cluster
 * does that, the one that has run longest; should two believe to be it, the claims let only one of them have each session.
 */
export class Caretaker {
  readonly #context: MqttContext;
  readonly #nodes: Pick<Nodes, "self" | "all" | "has">;
  /** When owners were missed first. */
  #missed = new Map<string, number>();

  constructor(context: MqttContext, nodes: Pick<Nodes, "self" | "all" | "has">) {
    this.#context = context;
    this.#nodes = nodes;
  }

  async round(now: number): Promise<void> {
    const { rivals } = this.#context;
    if (rivals !== undefined && (!rivals.isUp || !isEldest(this.#nodes))) return;
    await this.#adoptStrays(now);
    await this.#expire(now);
  }

  /** Slice by slice, each one write of the store, until there are no more or it is time for something else. */
  async #expire(now: number): Promise<void> {
    const { store, services } = this.#context;
    for (let expired = await store.expired(now, SLICE); expired.length > 0; expired = await store.expired(now, SLICE)) {
      await Promise.all(expired.map((key) => this.#expireOne(key, now)));
      if (expired.length < SLICE || services.clock.now() - now > ROUND) return;
    }
  }

  async #expireOne(key: string, now: number): Promise<void> {
    const { store, roster, wills, services } = this.#context;
    if (!roster.isFree(key)) return roster.get(key)?.keep();
    // It may fall due while the session is deleted, and is not found. Published twice it is one message.
    const waited = wills.has(key);
    const isOver = (stored: StoredSession | undefined): stored is StoredSession =>
      stored !== undefined && (stored.expires ?? Infinity) <= now && !this.#isElsewhere(stored.owner);
    const { stored, claim } = await store.claim(key, (found) => (isOver(found) ? [{ kind: "delete" }] : undefined));
    claim?.release();
    if (claim === undefined) return;
    wills.revoke(key);
    const { will } = readNote(stored?.note);
    if (will !== undefined && (waited || stored?.owner !== services.nodeId)) this.#bequeath("", will, 0);
  }

  #isElsewhere(owner: string | undefined): boolean {
    return owner !== undefined && owner !== this.#nodes.self && this.#nodes.has(owner);
  }

  async #adoptStrays(now: number): Promise<void> {
    const { store, services } = this.#context;
    const owners = this.#nodes.all.map(({ id }) => id);
    for (let more = true; more;) {
      const strays = await store.strays(owners, SLICE);
      const due = strays.filter(({ owner }) => this.#isMissed(owner, now));
      if (strays.length === 0) this.#missed.clear();
      await Promise.all(due.map(({ id, owner }) => this.#adopt(id, owner, now)));
      more = due.length === SLICE && services.clock.now() - now <= ROUND;
    }
  }

  #isMissed(owner: string, now: number): boolean {
    if (this.#context.rivals === undefined) return true;
    const since = this.#missed.get(owner) ?? now;
    this.#missed.set(owner, since);
    return now - since >= GRACE && !this.#nodes.has(owner);
  }

  /** Its client is away from now on. A will that it left waits here, or is published. */
  async #adopt(key: string, owner: string, now: number): Promise<void> {
    const { store, roster } = this.#context;
    if (!roster.isFree(key)) return;
    const { stored, claim } = await store.claim(key, (found) =>
      found?.owner === owner ? this.#adopted(found, now) : undefined,
    );
    claim?.release();
    if (claim === undefined) return;
    const { will, expiry } = readNote(stored?.note);
    if (will !== undefined) this.#bequeath(key, will, expiry);
  }

  #adopted({ note }: StoredSession, now: number): readonly SessionChange[] {
    const { expiry, will } = readNote(note);
    if (expiry === 0) return [{ kind: "delete" }];
    return [
      { kind: "owner", owner: will === undefined ? undefined : this.#nodes.self },
      { kind: "expires", at: now + expiry * 1000 },
    ];
  }

  #bequeath(key: string, will: WrittenWill, expiry: number): void {
    const testament = readTestament(will);
    this.#context.wills.leave(key, { testament, delay: delayOf(testament, expiry), isStored: expiry > 0 });
  }
}
