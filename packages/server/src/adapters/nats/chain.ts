import type { Stored } from "@tidegate/protocol";
import type { Direct, Raw } from "./direct.ts";
import type { Lost } from "./lost.ts";
import { decodeRecord, HEADER, type Record } from "./record.ts";
import type { Subjects } from "./subjects.ts";

/** A message of the stream with its predecessor, and who stored it. */
export interface Link extends Stored, Record {}

/**
 * Predecessors of messages that were read. The stream does not store them: what it sends on live names them, and for what is
 * read they follow from the order; for a topic's first message in a page the stream is asked.
 */
export class Chain {
  readonly #direct: Direct;
  readonly #subjects: Subjects;
  readonly #lost: Lost;

  constructor(direct: Direct, subjects: Subjects, lost: Lost) {
    this.#direct = direct;
    this.#subjects = subjects;
    this.#lost = lost;
  }

  /** `raws`: all messages of some topics after an offset, in order. */
  async link(raws: readonly Raw[], after: number): Promise<readonly Link[]> {
    const heads = await this.#headsAt(new Set(raws.map((raw) => raw.subject)), after);
    return raws.map((raw) => {
      const link = linkOf(raw, this.#subjects, heads.get(raw.subject) ?? this.unknown(raw.seq));
      heads.set(raw.subject, raw.seq);
      return link;
    });
  }

  /** A message that came live: it names its predecessor. */
  live(raw: Raw): Link {
    const last = Number(raw.head.get("Nats-Last-Sequence"));
    return linkOf(raw, this.#subjects, last === 0 ? this.unknown(raw.seq) : last);
  }

  async previous(topic: string, offset: number): Promise<number> {
    const subject = this.#subjects.of("m", topic);
    return (await this.#headsAt(new Set([subject]), offset - 1)).get(subject) ?? this.unknown(offset);
  }

  /** The predecessor of a message on a topic that the stream knows nothing of. */
  unknown(seq: number): number {
    return Math.min(this.#lost.upTo, seq - 1);
  }

  /** The offset before which each topic's next one comes. */
  async #headsAt(subjects: ReadonlySet<string>, after: number): Promise<Map<string, number>> {
    const found = (await this.#direct.newest([...subjects], after)) ?? [];
    const heads = new Map(found.map((raw) => [raw.subject, raw.seq]));
    const missing = [...subjects].filter((subject) => !heads.has(subject));
    const floors = await this.floors(missing.map((subject) => this.#subjects.topicOf(subject)));
    for (const [topic, floor] of floors ?? []) heads.set(this.#subjects.of("m", topic), floor);
    return heads;
  }

  /** For each topic of the filters the newest offset that retention took out of sight; undefined: too many topics. */
  async floors(filters: readonly string[]): Promise<ReadonlyMap<string, number> | undefined> {
    const found = await this.#direct.newest(filters.map((filter) => this.#subjects.of("f", filter)));
    if (found === undefined) return undefined;
    return new Map(found.map((raw) => [this.#subjects.topicOf(raw.subject), Number(raw.message.string())]));
  }
}

function linkOf(raw: Raw, subjects: Subjects, previous: number): Link {
  const topic = subjects.topicOf(raw.subject);
  const { message, node, ticket, at } = decodeRecord(topic, raw.head.get(HEADER), raw.message.data);
  return { message, offset: raw.seq, previous, node, ticket, at };
}
