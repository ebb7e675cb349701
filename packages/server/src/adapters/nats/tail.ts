import type { Stored } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import { Fifo } from "../../log/fifo.ts";
import type { TailHandler } from "../../log/log.ts";
import type { Chain, Link, Lost } from "./chain.ts";
import type { Direct, Raw } from "./direct.ts";
import type { Subjects } from "./subjects.ts";

export interface TailParts {
  readonly clock: Clock;
  readonly direct: Direct;
  readonly chain: Chain;
  readonly subjects: Subjects;
  readonly lost: Lost;
  readonly warn: (message: string) => void;
  /** Called after the handler had them. */
  readonly handed: (links: readonly Link[]) => void;
}

/**
 * The live messages in the order of the stream. The server sends on what it stored at most once; every stored message has the
 * next sequence, so a hole is seen at once and is read from the stream, before anything behind it is handed on.
 */
export class Tail {
  readonly #parts: TailParts;
  handler: TailHandler | undefined = undefined;
  /** Sequence of the newest message that came, in order. */
  #seen = 0;
  /** The same, of those that were handed on. */
  #handed = 0;
  #head = 0;
  #batch: Link[] = [];
  #flushing = false;
  /** What came live behind a hole. */
  readonly #waiting = new Fifo<Raw>();
  #repair: Promise<void> | undefined = undefined;
  #wanted = 0;
  #checking = false;
  #started = false;
  #ended = false;

  constructor(parts: TailParts) {
    this.#parts = parts;
  }

  /** Offset of the newest message that was handed on. */
  get head(): number {
    return this.#head;
  }

  /** Everything up to this sequence was handed on. */
  get handed(): number {
    return this.#handed;
  }

  /** Begins behind a sequence. */
  start(seen: number, head: number, lost: number): void {
    this.#parts.lost.upTo = lost;
    this.#started = true;
    this.#seen = seen;
    this.#handed = seen;
    this.#head = head;
    this.#drain();
    if (this.#wanted > this.#seen) void this.catchUp();
  }

  end(): void {
    this.#ended = true;
  }

  /** A message that the stream sent on. */
  take(raw: Raw): void {
    if (raw.seq <= this.#seen || this.#ended) return;
    if (this.#started && this.#repair === undefined && raw.seq === this.#seen + 1)
      return this.#process(raw, this.#live);
    this.#wanted = Math.max(this.#wanted, raw.seq);
    if (this.#waiting.size < MAX_WAITING) this.#waiting.push(raw);
    if (this.#started) void this.catchUp();
  }

  /** A sequence that is known to be stored: if it does not come by itself soon, it is fetched. */
  expect(seq: number): void {
    if (seq <= this.#seen) return;
    this.#wanted = Math.max(this.#wanted, seq);
    if (this.#checking) return;
    this.#checking = true;
    this.#parts.clock.after(PATIENCE, () => {
      this.#checking = false;
      if (this.#wanted > this.#seen) void this.catchUp();
    });
  }

  /** Reads from the stream what did not come. Never rejects: what fails is tried again by whoever notices the hole next. */
  catchUp(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#repair ??= this.#catchUp()
      .catch((error: Error) => {
        this.#waiting.clear();
        this.#parts.warn(`the live messages of the stream have a hole that could not be read yet: ${error.message}`);
        this.#parts.clock.after(RETRY, () => void this.catchUp());
      })
      .finally(() => (this.#repair = undefined));
    return this.#repair;
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const wanted = this.#wanted;
      await this.#readTo(wanted);
      // What is not there any more was removed, and the stream knows of nothing else before `wanted`.
      this.#seen = Math.max(this.#seen, wanted);
      this.#drain();
      if (this.#wanted <= this.#seen) return this.#flushSoon();
    }
  }

  #drain(): void {
    for (let next = this.#waiting.first; next !== undefined; next = this.#waiting.first) {
      if (next.seq > this.#seen + 1) return;
      this.#waiting.shift();
      if (next.seq === this.#seen + 1) this.#process(next, this.#live);
    }
  }

  /** Reads to the end of the stream, which must reach as far as what is known to be stored: a replica may lag. */
  async #readTo(wanted: number): Promise<void> {
    const { direct, subjects, clock } = this.#parts;
    for (let tries = 0; ;) {
      const raws = await direct.from(this.#seen + 1, subjects.all, PAGE);
      if (this.#ended) return;
      await this.#processRead(raws);
      const last = raws.at(-1);
      if (last !== undefined && last.pending > 0) continue;
      if (this.#seen >= wanted || ++tries > LAG_TRIES) return;
      await new Promise<void>((resolve) => void clock.after(PATIENCE, resolve));
    }
  }

  async #processRead(raws: readonly Raw[]): Promise<void> {
    const { chain, subjects } = this.#parts;
    const links = await chain.link(
      raws.filter((raw) => subjects.kindOf(raw.subject) === "m"),
      this.#seen,
    );
    const bySeq = new Map(links.map((link) => [link.offset, link]));
    for (const raw of raws) this.#process(raw, () => bySeq.get(raw.seq));
    this.#flush();
  }

  #process(raw: Raw, linkOf: (raw: Raw) => Link | undefined): void {
    if (raw.seq <= this.#seen) return;
    this.#seen = raw.seq;
    const kind = this.#parts.subjects.kindOf(raw.subject);
    const link = kind === "m" ? linkOf(raw) : undefined;
    if (link !== undefined) this.#batch.push(link);
    if (kind === "l") this.#parts.lost.upTo = Math.max(this.#parts.lost.upTo, Number(raw.message.string()));
    this.#flushSoon();
  }

  #live = (raw: Raw): Link => this.#parts.chain.live(raw);

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#parts.clock.endOfTurn(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const links = this.#batch;
    this.#batch = [];
    this.#handed = this.#seen;
    this.#head = links.at(-1)?.offset ?? this.#head;
    const stored: readonly Stored[] = links;
    if (links.length > 0) this.handler?.messages(stored);
    if (links.length > 0) this.#parts.handed(links);
  }
}

/** Messages read in one go, and live ones that wait meanwhile: what does not fit is read again from the stream. */
const PAGE = 500;
const MAX_WAITING = 5000;
/** Milliseconds. */
const PATIENCE = 50;
const RETRY = 500;
const LAG_TRIES = 20;
