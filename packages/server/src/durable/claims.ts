/**
 * Who may write to which session, for a store that only one process has. What is in here is bounded by the clients that are
 * connected: a claim that is released is forgotten.
 */
export class Claims {
  readonly #newest = new Map<string, number>();
  #count = 0;

  get size(): number {
    return this.#newest.size;
  }

  /** From now on earlier claims do not count. */
  take(id: string): number {
    this.#newest.set(id, ++this.#count);
    return this.#count;
  }

  has(id: string, claim: number): boolean {
    return this.#newest.get(id) === claim;
  }

  release(id: string, claim: number): void {
    if (this.has(id, claim)) this.#newest.delete(id);
  }

  /** Somebody writes without a claim: whoever has one does not know what is stored any more. */
  end(id: string): void {
    this.#newest.delete(id);
  }
}
