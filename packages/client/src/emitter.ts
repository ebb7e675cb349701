/** Takes what a handler threw. */
export type Catch = (thrown: unknown) => void;

/**
 * Typed events. A handler that throws, or returns a promise that rejects, stops neither the other handlers nor the
 * client: `Catch` gets the error.
 */
export class Emitter<Events extends object> {
  readonly #handlers = new Map<keyof Events, Set<(event: never) => unknown>>();
  readonly #catch: Catch;

  constructor(onThrow: Catch) {
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
    for (const handler of [...(this.#handlers.get(kind) ?? [])])
      this.#call(handler as (event: Events[K]) => unknown, event);
  }

  #call<E>(handler: (event: E) => unknown, event: E): void {
    try {
      const result = handler(event);
      if (result instanceof Promise) result.catch(this.#catch);
    } catch (thrown) {
      this.#catch(thrown);
    }
  }
}
