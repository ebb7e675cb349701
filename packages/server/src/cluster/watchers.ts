/** Those who want to be called back, in the order in which they came. The same one may be added twice. */
export class Watchers<T> {
  readonly #all = new Set<{ readonly it: T }>();

  /** Returns what takes it back. */
  add(it: T): () => void {
    const entry = { it };
    this.#all.add(entry);
    return () => void this.#all.delete(entry);
  }

  /** Who comes or goes meanwhile changes nothing of this call. */
  tell(call: (it: T) => void): void {
    for (const { it } of [...this.#all]) call(it);
  }

  clear(): void {
    this.#all.clear();
  }
}
