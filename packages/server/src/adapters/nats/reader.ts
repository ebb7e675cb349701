import type { Stored } from "@tidegate/protocol";
import { PageBuilder, pageOfLatest } from "../../log/page.ts";
import type { LatestQuery, Page, ReadQuery, RetainedPage } from "../../log/log.ts";
import type { Chain, Link } from "./chain.ts";
import type { Direct, Raw } from "./direct.ts";
import { decodeRecord, HEADER } from "./record.ts";
import { offsetOfCopy } from "./retainer.ts";
import { findRank, firstFrom } from "./rank.ts";
import type { Subjects } from "./subjects.ts";
import type { Lost } from "./lost.ts";

/** How far a filter may be read: no further than the tail has handed on what it hands on of it. */
export interface Sight {
  readonly upTo: number;
  /** Where the log ends as far as `upTo` reaches; undefined: as far as there are messages. */
  readonly head: number | undefined;
}

export interface ReaderParts {
  readonly direct: Direct;
  readonly chain: Chain;
  readonly subjects: Subjects;
  readonly sight: (filter: string) => Promise<Sight>;
  readonly lost: Lost;
  /** Has the tail hand on a message that was lost on its way to it; undefined: it was not. */
  readonly mend: (raw: Raw) => Promise<void> | undefined;
}

/** Reads pages from the stream, up to what is in sight. */
export class Reader {
  readonly #parts: ReaderParts;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  async read(query: ReadQuery): Promise<Page> {
    const { direct, subjects, lost, chain } = this.#parts;
    const { filter, maxBytes } = query;
    const { upTo, head } = await this.#parts.sight(filter);
    const builder = new PageBuilder(query);
    const subject = subjects.of("m", filter);
    let complete = query.after >= lost.upTo;
    let { after } = query;
    for (let more = true, count = builder.wanted; more && after < upTo; count = Math.max(count, STEP)) {
      const raws = await direct.from(after + 1, subject, count, maxBytes && maxBytes + OVERHEAD * count);
      // Asked for after the messages: what was removed before they were read has its floor by then.
      const seen = raws.filter((raw) => raw.seq <= upTo);
      // Whoever reads it here would get it once more when the tail finds that it is missing.
      await this.#mend(seen);
      const [floors, links] = await Promise.all([chain.floors([filter]), chain.link(seen, after)]);
      complete &&= isComplete(floors, query.after);
      more = (await this.#add(builder, links, floors)) && (raws.at(-1)?.pending ?? 0) > 0;
      after = Math.max(raws.at(-1)?.seq ?? after, floors?.get(filter) ?? 0);
    }
    return builder.finish(head ?? after, complete);
  }

  async #mend(raws: readonly Raw[]): Promise<void> {
    for (const raw of raws) {
      const mending = this.#parts.mend(raw);
      if (mending !== undefined) await mending;
    }
  }

  async latest({ topic, limit, before }: LatestQuery): Promise<Page> {
    const { direct, subjects, chain, lost } = this.#parts;
    const { upTo, head } = await this.#parts.sight(topic);
    const end = Math.min(before ?? Infinity, upTo + 1);
    const subject = subjects.of("m", topic);
    const [first, floors] = await Promise.all([firstFrom(direct, 1, subject), chain.floors([topic])]);
    const found = await findRank(direct, { subject, first, end, rank: limit + 1 });
    const start = found?.raw.seq ?? end;
    const raws = await this.#between(start, end, subject, (found?.after ?? -1) + 1);
    const floor = floors?.get(topic) ?? 0;
    const links = (await chain.link(raws, start - 1)).filter((link) => link.offset > floor);
    const messages = limit === 0 ? [] : links.slice(-limit);
    const newest = head ?? raws.at(-1)?.seq ?? 0;
    const more = links.length > messages.length;
    return pageOfLatest({ messages, more, limit, before, head: newest, floor, lost: lost.upTo });
  }

  async retained(filter: string, limit: number): Promise<readonly Stored[]> {
    const { direct, subjects } = this.#parts;
    const { upTo } = await this.#parts.sight(filter);
    const subject = subjects.of("r", filter);
    // Of more topics than the server names in one answer every value is read, in slices.
    const raws =
      (await direct.newest([subject])) ?? (await this.#between(1, Number.MAX_SAFE_INTEGER, subject, Infinity));
    // One that is stored but not in sight yet comes live in a moment.
    const values = raws.filter((raw) => offsetOfCopy(raw) <= upTo && raw.message.data.length > 0);
    return this.#retainedOf(values.toSorted((a, b) => offsetOfCopy(a) - offsetOfCopy(b)).slice(0, limit));
  }

  /** In the order of the copies, of which few do not stand right behind their messages: `next` is the sequence of one. */
  async retainedPage({ filter, after, limit }: ReadQuery): Promise<RetainedPage> {
    const { upTo } = await this.#parts.sight(filter);
    const raws = await this.#between(after + 1, Number.MAX_SAFE_INTEGER, this.#parts.subjects.of("r", filter), limit);
    const values = raws.filter((raw) => offsetOfCopy(raw) <= upTo && raw.message.data.length > 0);
    return {
      values: await this.#retainedOf(values.toSorted((a, b) => offsetOfCopy(a) - offsetOfCopy(b))),
      next: raws.length < limit ? undefined : raws.at(-1)?.seq,
    };
  }

  /** Adds what is in sight; false if the page is full. */
  async #add(builder: PageBuilder, links: readonly Link[], floors: Floors): Promise<boolean> {
    const known = floors ?? (await this.#parts.chain.floors([...new Set(links.map((link) => link.message.topic))]));
    return links.every((link) => link.offset <= (known?.get(link.message.topic) ?? 0) || builder.add(link));
  }

  /** Messages with sequences in [first, end), at most `count`. */
  async #between(first: number, end: number, subject: string, count: number): Promise<readonly Raw[]> {
    const found: Raw[] = [];
    for (let from = first; from < end && found.length < count;) {
      const raws = await this.#parts.direct.from(from, subject, Math.min(PAGE, count - found.length));
      for (const raw of raws) if (raw.seq < end) found.push(raw);
      const last = raws.at(-1);
      if (last === undefined || last.pending === 0) break;
      from = last.seq + 1;
    }
    return found;
  }

  #retainedOf(raws: readonly Raw[]): Promise<readonly Stored[]> {
    return Promise.all(
      raws.map(async (raw) => {
        const topic = this.#parts.subjects.topicOf(raw.subject);
        const { message } = decodeRecord(topic, raw.head.get(HEADER), raw.message.data);
        const offset = offsetOfCopy(raw);
        return { message, offset, previous: await this.#parts.chain.previous(topic, offset) };
      }),
    );
  }
}

type Floors = ReadonlyMap<string, number> | undefined;

/** With more topics than the server names in one answer nobody can say it: then it is not. */
function isComplete(floors: Floors, after: number): boolean {
  if (floors === undefined) return false;
  for (const floor of floors.values()) if (floor > after) return false;
  return true;
}

/** Bytes of a message in the stream besides its payload, at most for most. */
const OVERHEAD = 512;
const PAGE = 1000;
/** Messages of a further step: those of the one before were out of sight. */
const STEP = 200;
