import { Fifo } from "../../log/fifo.ts";
import type { Barrier } from "./barrier.ts";
import type { Link } from "./chain.ts";
import type { Raw } from "./direct.ts";
import type { Interests } from "./interests.ts";
import type { Tail, TailParts } from "./tail.ts";

export interface InterestTailParts extends TailParts {
  readonly interests: Interests;
  readonly barrier: Barrier;
}

/**
 * The live messages of the topics that somebody asked for. Sequences have holes here, so that each topic's chain is followed:
 * a message whose predecessor did not come is held, with all behind it, until that was read from the stream.
 */
export class InterestTail implements Tail {
  readonly #parts: InterestTailParts;
  /** Newest offset that was handed on, of topics that are asked for. */
  readonly #newest = new Map<string, number>();
  /** What is not in `newest` may have been known up to here. */
  #forgotten = 0;
  readonly #waiting = new Fifo<Raw>();
  /** Live messages may be missing: those that come wait until all since the last one was read. */
  #stale = false;
  #repair: Promise<void> | undefined = undefined;
  #warned = false;
  #started = false;
  #ended = false;

  constructor(parts: InterestTailParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#started = true;
    this.#drain();
  }

  end(): void {
    this.#ended = true;
  }

  covers(topic: string, seq: number): boolean {
    return seq > this.#parts.interests.since(topic);
  }

  take(raw: Raw): void {
    if (this.#ended) return;
    const { subjects, barrier } = this.#parts;
    if (subjects.kindOf(raw.subject) === "k") barrier.arrived(raw.seq);
    if (this.#started && !this.#stale && this.#repair === undefined) return this.#process(raw);
    if (this.#waiting.size < MAX_WAITING) this.#waiting.push(raw);
    else this.#stale = true;
  }

  /** It follows all that was stored before it, on the same way: nothing that is asked for can be missing up to there. */
  acknowledged(seq: number): void {
    if (!this.#stale && this.#repair === undefined) this.#parts.handover.stored(seq);
  }

  expect(): void {}

  pause(): void {
    this.#stale = true;
  }

  catchUp(): Promise<void> {
    this.#stale = true;
    return this.#repairBy(this.#readAll);
  }

  /** Hands on a stored message that should have come and did not, with what is missing before it. */
  mend({ subject, seq }: Pick<Raw, "subject" | "seq">): Promise<void> | undefined {
    const from = this.#missingSince(this.#parts.subjects.topicOf(subject), seq);
    return from === undefined ? undefined : this.#repairBy(() => this.#readTopic({ subject, seq }, from));
  }

  /** Undefined: the message came, or is still to come. */
  #missingSince(topic: string, seq: number): number | undefined {
    const { handover, interests } = this.#parts;
    if (this.#stale || this.#repair !== undefined || seq > handover.handed) return undefined;
    const from = Math.max(this.#newest.get(topic) ?? this.#forgotten, interests.since(topic));
    return seq > from ? from : undefined;
  }

  #repairBy(task: () => Promise<void>): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#repair ??= task()
      .then(() => this.#resume())
      .catch((error: Error) => {
        this.#repair = undefined;
        this.#stale = true;
        if (!this.#warned)
          this.#parts.warn(`the live messages have a hole that could not be read yet: ${error.message}`);
        this.#warned = true;
        this.#parts.clock.after(RETRY, () => void this.catchUp());
      });
    return this.#repair;
  }

  #resume(): void {
    this.#warned = false;
    this.#repair = undefined;
    if (this.#stale) void this.catchUp();
    else this.#drain();
  }

  #drain(): void {
    while (this.#repair === undefined && !this.#stale) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#process(next);
    }
  }

  #process(raw: Raw): void {
    const { subjects, lost, handover, barrier } = this.#parts;
    const kind = subjects.kindOf(raw.subject);
    if (kind === "m") return this.#message(raw);
    if (kind === "l") lost.raise(raw);
    handover.reach(raw.seq);
    if (kind !== "k") return;
    // Whoever waits for the mark reads up to it next.
    handover.flush();
    barrier.reached(raw.seq);
  }

  #message(raw: Raw): void {
    const { chain } = this.#parts;
    const link = chain.live(raw);
    const { topic } = link.message;
    const known = this.#newest.get(topic);
    if (link.offset <= (known ?? this.#forgotten) || !this.#parts.interests.has(topic)) return;
    // What was stored before somebody asked for the topic is not missing, whatever was known from an earlier time.
    const from = Math.max(known ?? this.#forgotten, this.#parts.interests.since(topic));
    if (link.previous <= from) return this.#hand(link);
    this.#waiting.push(raw);
    void this.#repairBy(() => this.#readTopic(raw, from));
  }

  #hand(link: Link): void {
    const { handover, interests } = this.#parts;
    const { topic } = link.message;
    if (!interests.has(topic) || link.offset <= (this.#newest.get(topic) ?? 0)) return;
    if (this.#newest.size >= MAX_TOPICS) this.#forget();
    this.#newest.set(topic, link.offset);
    handover.add(link.offset, link);
  }

  #forget(): void {
    this.#newest.clear();
    this.#forgotten = this.#parts.handover.seen;
  }

  /** What is missing of one topic. It is handed on late: in the order of its topic, not among others. */
  async #readTopic(raw: Pick<Raw, "subject" | "seq">, from: number): Promise<void> {
    const { direct, chain, handover } = this.#parts;
    for (let after = from; ;) {
      const raws = await direct.from(after + 1, raw.subject, PAGE);
      for (const link of await chain.link(raws, after)) this.#hand(link);
      handover.flush();
      const last = raws.at(-1);
      if (last === undefined || last.pending === 0 || last.seq >= raw.seq) break;
      after = last.seq;
    }
    // What was removed meanwhile is not missed again.
    const topic = this.#parts.subjects.topicOf(raw.subject);
    if ((this.#newest.get(topic) ?? 0) < raw.seq - 1) this.#newest.set(topic, raw.seq - 1);
  }

  /** After a pause of the connection, or a change of the stream's leader: everything since is read, for all topics at once. */
  #readAll = async (): Promise<void> => {
    const { direct, chain, subjects, handover, barrier, lost } = this.#parts;
    const mark = await barrier.arrival();
    // What waits was stored before the mark: it is read.
    this.#waiting.clear();
    this.#stale = false;
    lost.raise(await direct.last(subjects.lost));
    for (let after = handover.handed; ;) {
      const raws = await direct.from(after + 1, subjects.every("m"), PAGE);
      if (this.#ended) return;
      const mine = raws.filter((raw) => this.#parts.interests.has(subjects.topicOf(raw.subject)));
      for (const link of await chain.link(mine, after)) this.#hand(link);
      handover.flush();
      const last = raws.at(-1);
      if (last !== undefined) handover.reach(last.seq);
      if (last === undefined || last.pending === 0) break;
      after = last.seq;
    }
    barrier.reached(mark);
  };
}

const PAGE = 500;
/** Live messages that wait while a hole is read; past it they are read from the stream, too. */
const MAX_WAITING = 5000;
/** Topics whose newest offset is remembered: some hundred bytes each. */
const MAX_TOPICS = 100_000;
const RETRY = 500;
