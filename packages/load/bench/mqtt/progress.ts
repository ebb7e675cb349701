/** How far one publisher's messages have come: the newest that all of its receivers have. */
export class Progress {
  readonly #receivers: number;
  readonly #window: number;
  /** Receivers that have a message, by its number modulo the window: no more are under way. */
  readonly #have: Uint32Array;
  #seen = 0;

  constructor(receivers: number, window: number) {
    this.#receivers = receivers;
    this.#window = window;
    this.#have = new Uint32Array(window);
  }

  /** Every receiver has the messages up to this number. */
  get seen(): number {
    return this.#seen;
  }

  /** One receiver has the message. Returns whether it was the last one to get it. */
  note(number: number): boolean {
    const slot = number % this.#window;
    const have = this.#have[slot]! + 1;
    if (have < this.#receivers) {
      this.#have[slot] = have;
      return false;
    }
    this.#have[slot] = 0;
    this.#seen = Math.max(this.#seen, number);
    return true;
  }
}
