import { wait, type Clock } from "../../clock.ts";
import { Fifo } from "../../log/fifo.ts";
import type { Chain, Link } from "./chain.ts";
import type { Direct, Raw } from "./direct.ts";
import type { Handover } from "./handover.ts";
import type { Lost } from "./lost.ts";
import type { Subjects } from "./subjects.ts";

/** How the live messages come: all of them, or those that somebody asked for. */
export interface Tail {
  /** A message that the stream sent on. */
  take(raw: Raw): void;
  /** From now on messages are handed on: everything up to `seen` was stored before. */
  start(seen: number): void;
  /** Whether the tail hands a stored message on, or has: its append waits for that. */
  covers(topic: string, seq: number): boolean;
  /** The stream acknowledged this gateway's message. */
  acknowledged(seq: number): void;
  /** A sequence that is known to be stored: if it does not come by itself soon, it is fetched. */
  expect(seq: number): void;
  /** The connection is gone: what comes after it does not follow what came before. */
  pause(): void;
  /** Reads from the stream what did not come. Never rejects: what fails is tried again. */
  catchUp(): Promise<void>;
  end(): void;
}

export interface TailParts {
  readonly clock: Clock;
  readonly direct: Direct;
  readonly chain: Chain;
  readonly subjects: Subjects;
  readonly lost: Lost;
  readonly handover: Handover;
  readonly warn: (message: string) => void;
}

/**
 * All live messages in the order of the stream. The server sends on what it stored at most once; every stored message has the
 * next sequence, so a hole is seen at once and is read from the stream, before anything behind it is handed on.
 */
export class WholeTail implements Tail {
  readonly #parts: TailParts;
  /** What came live behind a hole. */
  readonly #waiting = new Fifo<Raw>();
  #repair: Promise<void> | undefined = undefined;
  #wanted = 0;
  #checking = false;
  #warned = false;
  #started = false;
  #ended = false;

  constructor(parts: TailParts) {
    this.#parts = parts;
  }

  start(seen: number): void {
    this.#started = true;
    this.#drain();
    if (this.#wanted > seen) void this.catchUp();
  }

  end(): void {
    this.#ended = true;
  }

  covers(): boolean {
    return true;
  }

  take(raw: Raw): void {
    const { seen } = this.#parts.handover;
    if (this.#ended || (this.#started && raw.seq <= seen)) return;
    if (this.#started && this.#repair === undefined && raw.seq === seen + 1) return this.#process(raw, this.#live);
    this.#wanted = Math.max(this.#wanted, raw.seq);
    if (this.#waiting.size < MAX_WAITING) this.#waiting.push(raw);
    if (this.#started) void this.catchUp();
  }

  acknowledged(seq: number): void {
    this.expect(seq);
  }

  /** Sequences show what is missing. */
  pause(): void {}

  expect(seq: number): void {
    if (seq <= this.#parts.handover.seen) return;
    this.#wanted = Math.max(this.#wanted, seq);
    if (this.#checking) return;
    this.#checking = true;
    this.#parts.clock.after(PATIENCE, () => {
      this.#checking = false;
      if (this.#wanted > this.#parts.handover.seen) void this.catchUp();
    });
  }

  catchUp(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#repair ??= this.#catchUp()
      .catch((error: Error) => {
        this.#waiting.clear();
        if (!this.#warned)
          this.#parts.warn(`the live messages have a hole that could not be read yet: ${error.message}`);
        this.#warned = true;
        this.#parts.clock.after(RETRY, () => void this.catchUp());
      })
      .finally(() => (this.#repair = undefined));
    return this.#repair;
  }

  async #catchUp(): Promise<void> {
    const { handover } = this.#parts;
    for (;;) {
      const wanted = this.#wanted;
      await this.#readTo(wanted);
      // What is not there any more was removed, and the stream knows of nothing else before `wanted`.
      handover.reach(wanted);
      this.#drain();
      this.#warned = false;
      if (this.#ended || this.#wanted <= handover.seen) return;
    }
  }

  #drain(): void {
    const { handover } = this.#parts;
    for (let next = this.#waiting.first; next !== undefined; next = this.#waiting.first) {
      if (next.seq > handover.seen + 1) return;
      this.#waiting.shift();
      this.#process(next, this.#live);
    }
  }

  /** Reads to the end of the stream, which must reach as far as what is known to be stored: a replica may lag. */
  async #readTo(wanted: number): Promise<void> {
    const { direct, subjects, clock, handover } = this.#parts;
    for (let tries = 0; ;) {
      const raws = await direct.from(handover.seen + 1, subjects.all, PAGE);
      if (this.#ended) return;
      await this.#processRead(raws);
      const last = raws.at(-1);
      if (last !== undefined && last.pending > 0) continue;
      if (handover.seen >= wanted || ++tries > LAG_TRIES) return;
      await wait(clock, PATIENCE);
    }
  }

  async #processRead(raws: readonly Raw[]): Promise<void> {
    const { chain, subjects, handover } = this.#parts;
    const messages = raws.filter((raw) => subjects.kindOf(raw.subject) === "m");
    const links = await chain.link(messages, handover.seen);
    const bySeq = new Map(links.map((link) => [link.offset, link]));
    for (const raw of raws) this.#process(raw, () => bySeq.get(raw.seq));
    handover.flush();
  }

  #process(raw: Raw, linkOf: (raw: Raw) => Link | undefined): void {
    const { handover, subjects, lost } = this.#parts;
    if (raw.seq <= handover.seen) return;
    const kind = subjects.kindOf(raw.subject);
    if (kind === "l") lost.raise(raw);
    handover.add(raw.seq, kind === "m" ? linkOf(raw) : undefined);
  }

  #live = (raw: Raw): Link => this.#parts.chain.live(raw);
}

/** Messages read in one go, and live ones that wait meanwhile: what does not fit is read again from the stream. */
const PAGE = 500;
const MAX_WAITING = 5000;
/** Milliseconds. */
const PATIENCE = 50;
const RETRY = 500;
const LAG_TRIES = 20;
