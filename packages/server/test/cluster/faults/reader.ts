import type { Delivered, Ledger } from "./ledger.ts";

/** What one subscription of one client got of one topic: each message once, in the order of the topic and of each publisher. */
export class Reader {
  readonly topic: string;
  readonly #who: string;
  readonly #ledger: Ledger;
  readonly #offsets: number[] = [];
  /** The newest number of each publisher. */
  readonly #numbers = new Map<string, number>();

  constructor(who: string, topic: string, ledger: Ledger) {
    this.#who = who;
    this.topic = topic;
    this.#ledger = ledger;
  }

  /** Offset of the newest message; 0 before the first. */
  get newest(): number {
    return this.#offsets.at(-1) ?? 0;
  }

  take(message: Delivered): void {
    const { newest } = this;
    this.#ledger.seen(message);
    if (message.offset <= newest) this.#fault(`${message.id} at ${message.offset} came after ${newest}`);
    else if (newest > 0 && message.previous !== newest)
      this.#fault(`${message.id} at ${message.offset} names ${message.previous} before it, and ${newest} came last`);
    this.#offsets.push(message.offset);
    this.#inTurn(message);
  }

  /** Whether the newest of what was acknowledged so far has come. That all before it came is seen by the chain, and by `close`. */
  get isWhole(): boolean {
    return this.newest >= this.#ledger.newestOf(this.topic);
  }

  /** Tells the ledger what was acknowledged and never came. */
  close(): void {
    const got = new Set(this.#offsets);
    for (const offset of this.#ledger.offsetsOf(this.topic))
      if (!got.has(offset)) this.#fault(`${this.#ledger.idAt(this.topic, offset)} at ${offset} never came`);
  }

  #inTurn({ id = "" }: Delivered): void {
    const at = id.lastIndexOf("-");
    const [publisher, number] = [id.slice(0, at), Number(id.slice(at + 1))];
    const before = this.#numbers.get(publisher) ?? 0;
    if (number <= before) this.#fault(`${id} came after ${publisher}-${before}`);
    this.#numbers.set(publisher, number);
  }

  #fault(what: string): void {
    this.#ledger.fault(`${this.#who}, ${this.topic}: ${what}`);
  }
}
