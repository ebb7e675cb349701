/** Microseconds of a slot. */
const SLOT = 1000;

/** What is to be done later, thousands of times a second: think times, returns, slow readers. No timer for each. */
export class Wheel {
  readonly #slots = new Map<number, (() => void)[]>();
  #next = 0;

  /** Calls `task` in the first `turn` at or after the moment. */
  at(micros: number, task: () => void): void {
    const slot = Math.max(this.#next, Math.ceil(micros / SLOT));
    const tasks = this.#slots.get(slot);
    if (tasks === undefined) this.#slots.set(slot, [task]);
    else tasks.push(task);
  }

  turn(now: number): void {
    const last = Math.floor(now / SLOT);
    if (this.#slots.size === 0) this.#next = Math.max(this.#next, last);
    for (; this.#next <= last; this.#next++) this.#run(this.#next);
  }

  clear(): void {
    this.#slots.clear();
  }

  #run(slot: number): void {
    const tasks = this.#slots.get(slot);
    this.#slots.delete(slot);
    for (const task of tasks ?? []) task();
  }
}
