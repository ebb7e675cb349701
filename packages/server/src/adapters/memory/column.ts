/** Values of a field that most records do not have: nothing is made before one has it. */
export class Column<T> {
  #values: (T | undefined)[] | undefined = undefined;

  get(i: number): T | undefined {
    return this.#values?.[i];
  }

  set(i: number, value: T | undefined): void {
    if (value !== undefined) (this.#values ??= [])[i] = value;
  }

  clear(i: number): void {
    if (this.#values !== undefined && i < this.#values.length) this.#values[i] = undefined;
  }
}
