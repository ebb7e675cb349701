/** Promises that wait for a sequence. */
export class Marks {
  #reached = 0;
  #waiting: { readonly seq: number; readonly resolve: () => void }[] = [];

  /** Resolves when the sequence is reached. */
  when(seq: number): Promise<void> {
    if (seq <= this.#reached) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ seq, resolve }));
  }

  reach(seq: number): void {
    this.#reached = Math.max(this.#reached, seq);
    if (this.#waiting.length === 0) return;
    const done = this.#waiting.filter((each) => each.seq <= this.#reached);
    this.#waiting = this.#waiting.filter((each) => each.seq > this.#reached);
    for (const { resolve } of done) resolve();
  }
}
