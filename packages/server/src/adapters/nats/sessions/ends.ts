import type { Clock } from "../../../clock.ts";
import type { Stray } from "../../../durable/session-store.ts";
import type { Raw } from "../direct.ts";
import { decodeLabel, LABEL, type Label } from "./record.ts";
import { END_STAYS, type SessionStream } from "./stream.ts";

/**
 * When sessions end and who has them: read from the stream by whoever looks after them, which is one gateway of the cluster. It takes
 * some 300 bytes for each session there (bench/held.ts), and nothing on the others: what is not asked for for a while is forgotten.
 */
export class Ends {
  readonly #stream: SessionStream;
  readonly #clock: Clock;
  /** By subject. */
  #labels = new Map<string, Label>();
  /** Sessions of each owner. */
  #owners = new Map<string, number>();
  /** No session ends before this time. */
  #soonest = Infinity;
  /** Sequence up to which the stream was read, and when. */
  #read = 0;
  #at = 0;
  #doubts = 0;

  constructor(stream: SessionStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  get size(): number {
    return this.#labels.size;
  }

  /** Whether reading all of it again takes longer than reading on. */
  get isStale(): boolean {
    return this.#clock.now() - this.#at > STALE;
  }

  /** Everything that was stored before this call is seen after it. */
  async refresh(): Promise<void> {
    const { doubts } = this.#stream;
    if (this.isStale || doubts !== this.#doubts) this.forget();
    this.#doubts = doubts;
    for (let more = true; more;) {
      const raws = await this.#stream.bases(this.#read);
      for (const raw of raws) this.#see(raw);
      more = (raws.at(-1)?.pending ?? 0) > 0;
    }
    this.#at = this.#clock.now();
  }

  forget(): void {
    this.#labels = new Map();
    this.#owners = new Map();
    this.#soonest = Infinity;
    this.#read = 0;
  }

  expired(now: number, limit: number): readonly string[] {
    if (now < this.#soonest) return [];
    const found: { readonly id: string; readonly at: number }[] = [];
    this.#soonest = Infinity;
    for (const { id, expires } of this.#labels.values()) {
      if (expires === undefined) continue;
      if (expires <= now) found.push({ id, at: expires });
      this.#soonest = Math.min(this.#soonest, expires);
    }
    return found
      .toSorted((a, b) => a.at - b.at)
      .slice(0, limit)
      .map(({ id }) => id);
  }

  strays(owners: readonly string[], limit: number): readonly Stray[] {
    const lost = new Set([...this.#owners.keys()].filter((owner) => !owners.includes(owner)));
    if (lost.size === 0) return [];
    const found: Stray[] = [];
    for (const { id, owner } of this.#labels.values()) {
      if (found.length >= limit) break;
      if (owner !== undefined && lost.has(owner)) found.push({ id, owner });
    }
    return found;
  }

  #see({ seq, subject, head, message }: Raw): void {
    this.#read = Math.max(this.#read, seq);
    this.#drop(subject);
    if (message.data.length === 0) return;
    const label = decodeLabel(head.get(LABEL));
    this.#labels.set(subject, label);
    const { owner, expires } = label;
    if (owner !== undefined) this.#owners.set(owner, (this.#owners.get(owner) ?? 0) + 1);
    if (expires !== undefined) this.#soonest = Math.min(this.#soonest, expires);
  }

  #drop(subject: string): void {
    const owner = this.#labels.get(subject)?.owner;
    this.#labels.delete(subject);
    if (owner === undefined) return;
    const left = (this.#owners.get(owner) ?? 1) - 1;
    if (left > 0) this.#owners.set(owner, left);
    else this.#owners.delete(owner);
  }
}

/** Milliseconds: what says that a session is gone is in the stream for longer. */
const STALE = (END_STAYS * 1000) / 2;
