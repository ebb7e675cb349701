import { SessionsUnavailable } from "../../../durable/session-store.ts";
import { LogUnavailable } from "../../../log/log.ts";
import { Direct, type Raw } from "../direct.ts";
import type { Exchange } from "../exchange.ts";
import { encodeHead } from "../head.ts";
import { decodeBase, decodeDelta, encodeLabel, joined, LABEL, type By, type Label } from "./record.ts";
import type { SessionPlace, SessionSubjects } from "./subjects.ts";
import type { StoredSession } from "../../../durable/session-store.ts";

/** What the stream holds of a session. */
export interface Known {
  /** Undefined: there is none, or it was deleted. */
  readonly stored: StoredSession | undefined;
  /** Who wrote last; empty if nobody has. */
  readonly by: By;
  /** Sequences of the newest message, and of base and delta; 0 where there is none. */
  readonly last: number;
  readonly base: number;
  readonly delta: number;
}

export interface Draft {
  readonly subject: string;
  readonly body: string;
  /** Of a base; a delta has none. */
  readonly label: Label | undefined;
  /** It says that the session is gone, and goes by itself. */
  readonly isEnd: boolean;
}

/** Somebody else has written to the session since it was read. */
export class Conflict extends Error {}

export interface SessionStreamParts {
  readonly exchange: Exchange;
  readonly name: string;
  readonly subjects: SessionSubjects;
  /** Bytes of the largest message that NATS takes. */
  readonly maxMessage: () => number;
  /** Called when nobody answers for the stream. */
  readonly missing: () => void;
}

/** Sessions in their stream, one message read or written at a time. */
export class SessionStream {
  readonly #exchange: Exchange;
  readonly #direct: Direct;
  readonly #name: string;
  readonly #maxMessage: () => number;
  readonly #missing: () => void;
  #missed = 0;
  readonly subjects: SessionSubjects;

  constructor({ exchange, name, subjects, maxMessage, missing }: SessionStreamParts) {
    this.#exchange = exchange;
    this.#direct = new Direct(exchange, name);
    this.#name = name;
    this.#maxMessage = maxMessage;
    this.#missing = missing;
    this.subjects = subjects;
  }

  /** Changes whenever the stream may have become another one, whose sequences begin anew. */
  get doubts(): number {
    return this.#exchange.losses + this.#missed;
  }

  /** Throws `SessionsUnavailable` if NATS is known to be away: nothing needs to wait to find that out. */
  check(): void {
    const { fault } = this.#exchange;
    if (fault !== undefined) throw new SessionsUnavailable(fault);
  }

  async read({ both }: SessionPlace): Promise<Known> {
    const raws = await this.#available(() => this.#direct.newest([both]));
    return knownOf(raws ?? [], this.subjects);
  }

  /** Bases behind a sequence, oldest first. */
  bases(after: number): Promise<readonly Raw[]> {
    return this.#available(() => this.#direct.from(after + 1, this.subjects.bases, PAGE));
  }

  /** Writes if the newest message of the session is still `expected`; throws `Conflict` if not. Returns its sequence. */
  async write({ both }: SessionPlace, { subject, body, label, isEnd }: Draft, expected: number): Promise<number> {
    this.#checkSize(body);
    const head = encodeHead([
      ["Nats-Expected-Last-Subject-Sequence", expected],
      ["Nats-Expected-Last-Subject-Sequence-Subject", both],
      ...(label === undefined ? [] : ([[LABEL, encodeLabel(label)]] as const)),
      ...(isEnd ? ([["Nats-TTL", `${END_STAYS}s`]] as const) : []),
    ]);
    const [answer] = await this.#available(() => this.#exchange.ask(subject, body, { head }));
    const { seq, error } = JSON.parse(answer?.string() ?? "{}") as Acknowledged;
    if (error?.err_code === WRONG_LAST) throw new Conflict(error.description);
    if (seq === undefined || error !== undefined)
      throw new SessionsUnavailable(`nothing was stored: NATS says: ${error?.description ?? "nothing"}`);
    return seq;
  }

  /** What is not needed any more. Nothing depends on it: what stays is passed over. */
  remove(seq: number): void {
    const body = JSON.stringify({ seq, no_erase: true });
    this.#exchange.ask(`$JS.API.STREAM.MSG.DELETE.${this.#name}`, body, {}).catch(() => {});
  }

  async probe(): Promise<void> {
    const [answer] = await this.#available(() => this.#exchange.ask(`$JS.API.STREAM.INFO.${this.#name}`, "", {}));
    const { error } = JSON.parse(answer?.string() ?? "{}") as Acknowledged;
    if (error === undefined) return;
    this.#miss();
    throw new SessionsUnavailable(`the sessions' stream: ${error.description}`);
  }

  #checkSize(body: string): void {
    const size = Buffer.byteLength(body);
    const most = this.#maxMessage() - HEAD_ROOM;
    if (size > most)
      throw new SessionsUnavailable(
        `nothing was stored: the session has ${size} bytes; NATS takes ${most} (max_payload)`,
      );
  }

  #miss(): void {
    this.#missed += 1;
    this.#missing();
  }

  async #available<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      if (this.#exchange.fault === undefined) this.#miss();
      throw new SessionsUnavailable(`the session store does not answer: ${error.message}`, { cause: error });
    }
  }
}

interface Acknowledged {
  readonly seq?: number;
  readonly error?: { readonly err_code: number; readonly description: string };
}

function knownOf(raws: readonly Raw[], subjects: SessionSubjects): Known {
  const base = raws.find((raw) => subjects.isBase(raw.subject));
  const delta = raws.find((raw) => !subjects.isBase(raw.subject));
  const last = Math.max(base?.seq ?? 0, delta?.seq ?? 0);
  const place = { last, base: base?.seq ?? 0, delta: delta?.seq ?? 0 };
  if (base === undefined || base.message.data.length === 0) return { stored: undefined, by: "", ...place };
  const { by, session } = decodeBase(base.message.string());
  const changed = delta && decodeDelta(delta.message.string());
  if (changed === undefined || changed.base !== base.seq) return { stored: session, by, ...place };
  return { stored: joined(session, changed), by: changed.by, ...place };
}

/** Bytes for the head of a base: an id may have 1,024 characters beside a user's name, and is written as JSON. */
const HEAD_ROOM = 16 * 1024;
const PAGE = 1000;
const WRONG_LAST = 10071;
/** Seconds for which the stream says that a session is gone: who looks at all of them comes by more often. */
export const END_STAYS = 120;
