/** Takes what a handler of the event threw. */
export type Catch<Kind> = (thrown: unknown, kind: Kind) => void;

/**
 * Typed events. A handler that throws, or returns a promise that rejects, stops neither the other handlers nor the
 * client: `Catch` gets the error.
 */
export class Emitter<Events extends object> {
  readonly #handlers = new Map<keyof Events, Set<(event: never) => unknown>>();
  readonly #catch: Catch<keyof Events>;

  constructor(onThrow: Catch<keyof Events>) {
    this.#catch = onThrow;
  }

  /** Returns what removes the handler. The same function may be added twice and counts twice. */
  on<K extends keyof Events>(kind: K, handler: (event: Events[K]) => unknown): () => void {
    const own = (event: Events[K]): unknown => handler(event);
    const set = this.#handlers.get(kind) ?? new Set();
    this.#handlers.set(kind, set.add(own));
    return () => void set.delete(own);
  }

  has(kind: keyof Events): boolean {
    return (this.#handlers.get(kind)?.size ?? 0) > 0;
  }

  emit<K extends keyof Events>(kind: K, event: Events[K]): void {
    for (const handler of [...(this.#handlers.get(kind) ?? [])]) {
      try {
        const result = handler(event as never);
        if (result instanceof Promise) result.catch((thrown: unknown) => this.#catch(thrown, kind));
      } catch (thrown) {
        this.#catch(thrown, kind);
      }
    }
  }
}
