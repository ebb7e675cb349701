import type { Clock } from "../../clock.ts";
import type { TailHandler } from "../../log/log.ts";
import type { Link } from "./chain.ts";

/** Gathers what came in one turn of the event loop and hands it on, and keeps count of how far that is. */
export class Handover {
  readonly #clock: Clock;
  readonly #handedOn: (links: readonly Link[]) => void;
  handler: TailHandler | undefined = undefined;
  /** Sequence up to which everything came; handed on with the next batch. */
  #seen = 0;
  #handed = 0;
  #head = 0;
  #batch: Link[] = [];
  #scheduled = false;

  /** `handedOn` is called after the handler had a batch. */
  constructor(clock: Clock, handedOn: (links: readonly Link[]) => void) {
    this.#clock = clock;
    this.#handedOn = handedOn;
  }

  get seen(): number {
    return this.#seen;
  }

  /** Everything up to this sequence was handed on. */
  get handed(): number {
    return this.#handed;
  }

  /** Offset of the newest message that is known to be stored. */
  get head(): number {
    return this.#head;
  }

  start(seen: number, head: number): void {
    this.#seen = seen;
    this.#handed = seen;
    this.#head = head;
  }

  /** The next message, if it is one for the tail. */
  add(seq: number, link: Link | undefined): void {
    if (link !== undefined) this.#batch.push(link);
    this.reach(seq);
  }

  /** Everything up to here came. */
  reach(seq: number): void {
    if (seq > this.#seen) this.#seen = seq;
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.endOfTurn(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** A message that is stored, though the tail was not asked for it. */
  stored(offset: number): void {
    if (offset > this.#head) this.#head = offset;
    this.reach(offset);
  }

  flush(): void {
    const links = this.#batch;
    this.#batch = [];
    this.#handed = this.#seen;
    if (links.length === 0) return;
    this.#head = Math.max(this.#head, links.at(-1)?.offset ?? 0);
    this.handler?.messages(links);
    this.#handedOn(links);
  }
}
