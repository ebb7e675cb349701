/**
 * The last number that one receiver heard from each of the publishers it listens to. Each publisher counts from 1
 * without a gap, so anything but the next number is a lost, repeated or misplaced message.
 */
export class Heard {
  readonly #first: number;
  readonly #last: Uint32Array;

  /** Publishers `first` up to `first + count - 1`. */
  constructor(first: number, count: number) {
    this.#first = first;
    this.#last = new Uint32Array(count);
  }

  /** What is wrong with this message, if anything is. */
  note(publisher: number, number: number): string | undefined {
    const slot = publisher - this.#first;
    // Also true for NaN: a mark that is no number.
    if (!(slot >= 0 && slot < this.#last.length)) return `a message of publisher ${publisher}, not of this topic`;
    const expected = this.#last[slot]! + 1;
    if (number === expected) {
      this.#last[slot] = number;
      return undefined;
    }
    if (number > expected) this.#last[slot] = number;
    return `message ${number} of publisher ${publisher} came where ${expected} was due`;
  }

  last(publisher: number): number {
    return this.#last[publisher - this.#first] ?? 0;
  }
}
