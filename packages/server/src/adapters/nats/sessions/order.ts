/** Says that a call waits for something that may take long: what looks at all sessions does not wait for it. */
export type Park = () => void;

/**
 * Calls take effect in their order, as far as it can be told: those of one session one after another, those of different sessions
 * side by side, and what looks at all sessions behind everything before it and before everything after it.
 */
export class Order {
  /** The last call of each session that is under way. */
  readonly #last = new Map<string, Promise<unknown>>();
  /** Calls that are neither done nor parked. */
  readonly #busy = new Set<Promise<void>>();
  /** The last call that looks at all of them. */
  #barrier: Promise<unknown> | undefined;

  run<T>(id: string, task: (park: Park) => Promise<T>): Promise<T> {
    const { promise: slot, resolve } = Promise.withResolvers<void>();
    this.#busy.add(slot);
    const park = (): void => {
      this.#busy.delete(slot);
      resolve();
    };
    const call = after([this.#last.get(id), this.#barrier], () => task(park));
    this.#last.set(id, call);
    const done = (): void => {
      park();
      if (this.#last.get(id) === call) this.#last.delete(id);
    };
    call.then(done, done);
    return call;
  }

  alone<T>(task: () => Promise<T>): Promise<T> {
    const call = after([...this.#busy, this.#barrier], task);
    this.#barrier = call;
    const done = (): void => {
      if (this.#barrier === call) this.#barrier = undefined;
    };
    call.then(done, done);
    return call;
  }

  /** Resolves when everything so far is done, or has failed. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#last.values(), this.#barrier]);
  }
}

async function after<T>(calls: readonly (Promise<unknown> | undefined)[], task: () => Promise<T>): Promise<T> {
  const waiting = calls.filter((call) => call !== undefined);
  if (waiting.length > 0) await Promise.allSettled(waiting);
  return task();
}
