/** Who listens to which subject, in the order in which they came. The same function may listen twice. */
export class Listeners<T> {
  readonly #all = new Map<string, Set<{ readonly it: T }>>();

  /** Returns what ends it. */
  add(subject: string, it: T): () => void {
    const entry = { it };
    const entries = this.#all.get(subject);
    if (entries === undefined) this.#all.set(subject, new Set([entry]));
    else entries.add(entry);
    return () => this.#remove(subject, entry);
  }

  of(subject: string): readonly T[] {
    return [...(this.#all.get(subject) ?? [])].map(({ it }) => it);
  }

  clear(): void {
    this.#all.clear();
  }

  #remove(subject: string, entry: { readonly it: T }): void {
    const entries = this.#all.get(subject);
    if (entries?.delete(entry) && entries.size === 0) this.#all.delete(subject);
  }
}
