/**
 * What gateways tell one another of their members, as text in UTF-8: a line of words, then JSON.
 *
 * | first line | JSON | what |
 * |---|---|---|
 * | `1 change <owner> <number> <time>` | topics | what has changed since the number before |
 * | `1 begin`, `more`, `end`, `whole` `<owner> <number> <time>` | topics | a piece of a snapshot: the first, one between, the last, the only one |
 * | `1 digest <owner> <number> <count>` | | the owner's last number and its members after it |
 * | `1 ask <asker>` | | a snapshot, please |
 */
export type Head =
  | { readonly kind: Kind; readonly owner: string; readonly number: number; readonly time: number }
  | { readonly kind: "digest"; readonly owner: string; readonly number: number; readonly count: number }
  | { readonly kind: "ask"; readonly asker: string };

export type Kind = "change" | Piece;
export type Piece = "begin" | "more" | "end" | "whole";

/** What one message says of one topic. */
export interface TopicNews {
  readonly topic: string;
  /** Milliseconds. */
  readonly grace: number;
  /** User, age in milliseconds at the time of the message, info. */
  readonly present: readonly (readonly [string, number, string?])[];
  /** Users. */
  readonly gone: readonly string[];
}

export interface Packet {
  readonly head: Head;
  /** JSON; read by `newsOf`, if it is of use at all. */
  readonly body: string;
}

/** A message of another gateway that cannot be read: another version, or damaged. */
export class Malformed extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Malformed";
  }
}

const VERSION = "1";
const PIECES: readonly string[] = ["change", "begin", "more", "end", "whole"] satisfies Kind[];
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function writePacket(head: Head, body = ""): Uint8Array {
  return encoder.encode(`${VERSION} ${words(head)}\n${body}`);
}

function words(head: Head): string {
  if (head.kind === "ask") return `ask ${head.asker}`;
  return `${head.kind} ${head.owner} ${head.number} ${head.kind === "digest" ? head.count : head.time}`;
}

/** @throws Malformed */
export function readPacket(payload: Uint8Array): Packet {
  const text = textOf(payload);
  const end = text.indexOf("\n");
  if (end < 0) throw new Malformed("it has no first line");
  return { head: readHead(text.slice(0, end)), body: text.slice(end + 1) };
}

function textOf(payload: Uint8Array): string {
  try {
    return decoder.decode(payload);
  } catch {
    throw new Malformed("it is not UTF-8");
  }
}

function readHead(line: string): Head {
  const [version, kind = "", owner = "", number, last] = line.split(" ");
  if (version !== VERSION) throw new Malformed(`its version is not ${VERSION}`);
  if (owner === "") throw new Malformed("it names no gateway");
  if (kind === "ask") return { kind, asker: owner };
  if (kind === "digest") return { kind, owner, number: whole(number), count: whole(last) };
  if (!PIECES.includes(kind)) throw new Malformed("its kind is not known");
  return { kind: kind as Kind, owner, number: whole(number), time: whole(last) };
}

function whole(word: string | undefined): number {
  const number = Number(word === "" ? undefined : word);
  if (!Number.isSafeInteger(number) || number < 0) throw new Malformed("a number in its first line is none");
  return number;
}

/** @throws Malformed */
export function newsOf(body: string): readonly TopicNews[] {
  const topics = parsed(body);
  if (!Array.isArray(topics)) throw new Malformed("its topics are no list");
  return topics.map(topicNews);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Malformed("its JSON is none");
  }
}

function topicNews(value: unknown): TopicNews {
  if (!Array.isArray(value)) throw new Malformed("a topic is no list");
  const [topic, grace, present, gone] = value as readonly unknown[];
  if (typeof topic !== "string" || topic === "") throw new Malformed("a topic has no name");
  if (typeof grace !== "number" || !(grace >= 0 && grace <= MAX_GRACE))
    throw new Malformed("a grace time is out of range");
  if (!Array.isArray(present) || !present.every(isPresent)) throw new Malformed("a member is none");
  if (!Array.isArray(gone) || !gone.every((user) => typeof user === "string")) throw new Malformed("a user is no text");
  return { topic, grace, present, gone };
}

function isPresent(value: unknown): value is readonly [string, number, string?] {
  if (!Array.isArray(value)) return false;
  const [user, age, info] = value as readonly unknown[];
  return typeof user === "string" && Number.isFinite(age) && (info === undefined || typeof info === "string");
}

/** Milliseconds: as long as an option may set it. */
const MAX_GRACE = 3_600_000;
