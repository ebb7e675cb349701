import type { Msg } from "@nats-io/transport-node";
import { LogUnavailable } from "../../log/log.ts";
import type { Exchange } from "./exchange.ts";
import { Head } from "./head.ts";

/** A message as the stream holds it. */
export interface Raw {
  readonly seq: number;
  readonly subject: string;
  readonly head: Head;
  readonly message: Msg;
  /** Messages of the asked subject after this one; only in answers about one subject. */
  readonly pending: number;
}

/** Direct gets: what the stream holds, without a consumer. */
export class Direct {
  readonly #exchange: Exchange;
  readonly #subject: string;

  constructor(exchange: Exchange, stream: string) {
    this.#exchange = exchange;
    this.#subject = `$JS.API.DIRECT.GET.${stream}`;
  }

  /** Messages of a subject from a sequence on, oldest first, at most `count`. */
  async from(seq: number, subject: string, count: number, bytes?: number): Promise<readonly Raw[]> {
    const batch = Math.min(count, MAX_BATCH);
    return this.#get({ seq: Math.max(1, seq), next_by_subj: subject, batch, ...(bytes && { max_bytes: bytes }) });
  }

  /** The first message since a time, by the server's clock. */
  async since(time: number, subject: string): Promise<Raw | undefined> {
    const start_time = new Date(time).toISOString();
    const [first] = await this.#get({ start_time, next_by_subj: subject, batch: 1 });
    return first;
  }

  /** The newest message of each subject up to a sequence, in the order of sequences; undefined: too many subjects. */
  async newest(subjects: readonly string[], upTo?: number): Promise<readonly Raw[] | undefined> {
    if (subjects.length === 0 || upTo === 0) return [];
    const found: Raw[] = [];
    for (let i = 0; i < subjects.length; i += MAX_SUBJECTS) {
      const some = subjects.slice(i, i + MAX_SUBJECTS);
      const page = await this.#get({ multi_last: some, ...(upTo && { up_to_seq: upTo }) }, true);
      if (page === undefined) return undefined;
      found.push(...page);
    }
    return found;
  }

  /** The newest message of a subject, which may have wildcards. */
  last(subject: string): Promise<Raw | undefined> {
    return this.#one({ last_by_subj: subject });
  }

  at(seq: number): Promise<Raw | undefined> {
    return this.#one({ seq });
  }

  async #one(query: object): Promise<Raw | undefined> {
    const [answer] = await this.#exchange.ask(this.#subject, JSON.stringify(query), {});
    const raw = answer && rawOf(answer);
    return raw?.head.code === NOT_FOUND ? undefined : raw;
  }

  async #get(query: object): Promise<readonly Raw[]>;
  async #get(query: object, many: true): Promise<readonly Raw[] | undefined>;
  async #get(query: object, many?: true): Promise<readonly Raw[] | undefined> {
    const answers = await this.#exchange.ask(this.#subject, JSON.stringify(query), { many: true });
    const raws = answers.map(rawOf);
    const end = raws.at(-1)?.head;
    if (end?.code === TOO_MANY && many) return undefined;
    if (end?.code === NOT_FOUND) return [];
    if (end?.code !== END) throw new LogUnavailable(`NATS cannot read the stream: ${end?.code} ${end?.description}`);
    return raws.slice(0, -1);
  }
}

/** A message that the stream sent on, or gave on request. */
export function rawOf(message: Msg): Raw {
  const head = new Head(message);
  const seq = Number(head.get("Nats-Sequence"));
  return { seq, subject: head.get("Nats-Subject"), head, message, pending: Number(head.get("Nats-Num-Pending")) };
}

const NOT_FOUND = 404;
const TOO_MANY = 413;
const END = 204;
/** The server's bounds are 1,024 subjects and no number of messages; this many are held in memory at once. */
const MAX_SUBJECTS = 1000;
const MAX_BATCH = 1000;
