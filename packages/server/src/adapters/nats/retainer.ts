import { LogUnavailable } from "../../log/log.ts";
import { parseAck, WRONG_LAST_SEQUENCE, type Ack } from "./ack.ts";
import type { Direct, Raw } from "./direct.ts";
import type { Exchange } from "./exchange.ts";
import { encodeHead } from "./head.ts";
import { HEADER, recordOf } from "./record.ts";
import type { Subjects } from "./subjects.ts";

export interface RetainerParts {
  readonly exchange: Exchange;
  readonly direct: Direct;
  readonly subjects: Subjects;
}

/** The header of a copy that does not stand right behind its message: that one's offset. */
const OFFSET = "Tidegate-Offset";

/** Offset of the message that a copy is of. */
export function offsetOfCopy(copy: Raw): number {
  return Number(copy.head.get(OFFSET) || copy.seq - 1);
}

/** Whether a message and its copy came into the stream as one: then nobody's can be in between. */
export function isSettled(ack: Ack, copy: Ack): boolean {
  if (ack.kind === "duplicate") return copy.kind === "duplicate";
  return ack.kind === "stored" && copy.kind === "stored" && copy.seq === ack.seq + 1;
}

/**
 * A retained value is published twice, without an atomic batch, which costs JetStream a store of its own (bench/nats-retained.ts). Where the
 * two did not come in side by side, another gateway's may be in between, or only one of them was stored: then the copy is set
 * to what the history says, before anybody is answered.
 */
export class Retainer {
  readonly #parts: RetainerParts;

  constructor(parts: RetainerParts) {
    this.#parts = parts;
  }

  /** `from`: the newest retained message of the topic is this one or comes after it. */
  async settle(topic: string, from: number): Promise<void> {
    const { direct, subjects } = this.#parts;
    for (let tries = 0; tries < TRIES; tries++) {
      // The copy first: one that comes after it makes `put` fail.
      const copy = await direct.last(subjects.of("r", topic));
      const newest = await this.#newest(topic, from);
      if (newest === undefined || (copy !== undefined && isCopyOf(copy, newest))) return;
      if (await this.#put(topic, newest, copy?.seq ?? 0)) return;
    }
    throw new LogUnavailable("the retained value was changed by others all the time; send it again");
  }

  async #newest(topic: string, from: number): Promise<Raw | undefined> {
    const { direct, subjects } = this.#parts;
    let newest: Raw | undefined;
    for (let seq = from; ;) {
      const raws = await direct.from(seq, subjects.of("m", topic), PAGE);
      newest = raws.findLast((raw) => recordOf(raw).message.retain) ?? newest;
      const last = raws.at(-1);
      if (last === undefined || last.pending === 0) return newest;
      seq = last.seq + 1;
    }
  }

  /** False if another copy came meanwhile. */
  async #put(topic: string, { seq, head: of, message }: Raw, after: number): Promise<boolean> {
    const head = encodeHead([
      [HEADER, of.get(HEADER)],
      [OFFSET, seq],
      ["Nats-Rollup", "sub"],
      ["Nats-Expected-Last-Subject-Sequence", after],
    ]);
    const [answer] = await this.#parts.exchange.ask(this.#parts.subjects.of("r", topic), message.data, { head });
    const ack = parseAck(answer);
    if (ack.kind !== "refused") return true;
    if (ack.code === WRONG_LAST_SEQUENCE) return false;
    throw new LogUnavailable(ack.why);
  }
}

function isCopyOf(copy: Raw, message: Raw): boolean {
  if (offsetOfCopy(copy) !== message.seq) return false;
  const [one, other] = [recordOf(copy), recordOf(message)];
  return one.node === other.node && one.ticket === other.ticket;
}

const TRIES = 20;
const PAGE = 100;
