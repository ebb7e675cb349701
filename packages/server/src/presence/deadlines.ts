import type { Cancel, Clock } from "../clock.ts";

/** A place in the queue; what `remove` takes back. */
export interface Deadline<T> {
  readonly item: T;
  /** Milliseconds since 1970. */
  readonly due: number;
  /** Its index in the heap; -1 when it is no longer there. */
  index: number;
}

/**
 * Many deadlines, one timer: a binary heap by due time. A timer for each member would cost more memory than the member,
 * and most are taken back before they fire.
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #expire: (item: T) => void;
  readonly #heap: Deadline<T>[] = [];
  #armed: { readonly due: number; readonly cancel: Cancel } | undefined = undefined;

  /** `expire` must not throw; it may add and remove. */
  constructor(clock: Clock, expire: (item: T) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** `ms` milliseconds from now. */
  add(item: T, ms: number): Deadline<T> {
    const deadline = { item, due: this.#clock.now() + ms, index: this.#heap.length };
    this.#heap.push(deadline);
    this.#rise(deadline);
    this.#arm();
    return deadline;
  }

  remove(deadline: Deadline<T>): void {
    const { index } = deadline;
    if (index < 0) return;
    deadline.index = -1;
    const last = this.#heap.pop();
    if (last !== undefined && last !== deadline) {
      this.#put(last, index);
      this.#rise(last);
      this.#sink(last);
    }
    if (this.#heap.length === 0) this.#disarm();
  }

  clear(): void {
    for (const deadline of this.#heap) deadline.index = -1;
    this.#heap.length = 0;
    this.#disarm();
  }

  /** The timer may fire early, after its deadline was removed: cheaper than setting it anew each time. */
  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || (this.#armed !== undefined && this.#armed.due <= first.due)) return;
    this.#disarm();
    const cancel = this.#clock.after(Math.max(0, first.due - this.#clock.now()), this.#fire);
    this.#armed = { due: first.due, cancel };
  }

  #disarm(): void {
    this.#armed?.cancel();
    this.#armed = undefined;
  }

  readonly #fire = (): void => {
    this.#armed = undefined;
    const now = this.#clock.now();
    for (let first = this.#heap[0]; first !== undefined && first.due <= now; first = this.#heap[0]) {
      this.remove(first);
      this.#expire(first.item);
    }
    this.#arm();
  };

  #put(deadline: Deadline<T>, index: number): void {
    deadline.index = index;
    this.#heap[index] = deadline;
  }

  #rise(deadline: Deadline<T>): void {
    while (deadline.index > 0) {
      const { index } = deadline;
      const parent = this.#heap[(index - 1) >> 1]!;
      if (parent.due <= deadline.due) return;
      this.#put(parent, index);
      this.#put(deadline, (index - 1) >> 1);
    }
  }

  #sink(deadline: Deadline<T>): void {
    for (;;) {
      const { index } = deadline;
      const child = this.#earlierChild(index);
      if (child === undefined || child.due >= deadline.due) return;
      const below = child.index;
      this.#put(child, index);
      this.#put(deadline, below);
    }
  }

  #earlierChild(index: number): Deadline<T> | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left !== undefined && right !== undefined && right.due < left.due ? right : left;
  }
}
