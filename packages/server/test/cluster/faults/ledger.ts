/** What a subscriber got, as far as the ledger wants to know. */
export interface Delivered {
  readonly topic: string;
  readonly offset: number;
  readonly previous: number;
  readonly id: string | undefined;
}

/** At most so many faults are kept; one is enough to fail. */
const MOST = 50;

/**
 * The truth of a run: what was acknowledged, where, and what must hold for everybody who gets it. Ids are `<publisher>-<number>`, and
 * each publisher counts up by itself for each topic.
 */
export class Ledger {
  readonly faults: string[] = [];
  /** Acknowledged ids of each topic, and their offsets. */
  readonly #acked = new Map<string, Map<string, number>>();
  readonly #newest = new Map<string, number>();
  /** Where each id was seen, acknowledged or not. */
  readonly #places = new Map<string, number>();
  acknowledged = 0;
  delivered = 0;

  fault(what: string): void {
    if (this.faults.length < MOST) this.faults.push(what);
  }

  ack(topic: string, id: string, offset: number): void {
    const ids = this.#acked.get(topic) ?? new Map<string, number>();
    this.#acked.set(topic, ids);
    ids.set(id, offset);
    this.#newest.set(topic, Math.max(offset, this.newestOf(topic)));
    this.acknowledged += 1;
    this.#place(id, offset);
  }

  seen({ id, offset }: Delivered): void {
    this.delivered += 1;
    if (id !== undefined) this.#place(id, offset);
  }

  /** The newest acknowledged offset of a topic; 0 if there is none. */
  newestOf(topic: string): number {
    return this.#newest.get(topic) ?? 0;
  }

  /** Acknowledged offsets of a topic, in their order. */
  offsetsOf(topic: string): readonly number[] {
    return [...(this.#acked.get(topic)?.values() ?? [])].toSorted((a, b) => a - b);
  }

  idAt(topic: string, offset: number): string {
    return [...(this.#acked.get(topic) ?? [])].find(([, at]) => at === offset)?.[0] ?? "an unknown message";
  }

  /** An id that stands at two places was stored twice. */
  #place(id: string, offset: number): void {
    const before = this.#places.get(id);
    if (before === undefined) this.#places.set(id, offset);
    else if (before !== offset) this.fault(`${id} is stored twice: at ${before} and at ${offset}`);
  }
}
