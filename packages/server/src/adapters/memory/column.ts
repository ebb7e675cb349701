/** Values of a field that many records do not have: nothing is made before one has it. */
export class Column<T> {
  readonly #length: number;
  #values: (T | undefined)[] | undefined = undefined;

  constructor(length: number) {
    this.#length = length;
  }

  get(i: number): T | undefined {
    return this.#values?.[i];
  }

  set(i: number, value: T | undefined): void {
    // All of its room at once: it would grow again and again while the segment fills.
    if (value !== undefined) (this.#values ??= Array<T | undefined>(this.#length))[i] = value;
  }

  clear(i: number): void {
    if (this.#values !== undefined) this.#values[i] = undefined;
  }
}
