/** What a subject of a topic holds: its messages, the copy of its retained value, or its floor. */
export type Kind = "m" | "r" | "f";

/**
 * Topics as NATS subjects, one-to-one: `<base>.in.<kind>.<class>.<level>.….~`, and `<base>.live.…` where
 * the stream sends on what it stored.
 *
 * - The class is `p`, or `s` for topics of the server (`$…`), so that `#` and `+` do not reach those. [MQTT-4.7.2-1]
 * - The last token `~` stands for the end, so that `a/#`, which also names `a`, is one subject: `a.>`.
 * - What NATS reads as its own (`.`, `*`, `>`, blanks) and `%` and `~` are written `%` and two hex digits; an empty level is `%`.
 */
export class Subjects {
  /** Every subject of the stream. */
  readonly all: string;
  /** Where the stream sends on all that it stored. */
  readonly live: string;
  readonly #in: string;
  readonly #live: string;
  /** Subjects of the topics that were published to last. */
  readonly #messages = new Map<string, string>();

  constructor(base: string) {
    this.#in = `${base}.in.`;
    this.#live = `${base}.live.`;
    this.all = `${this.#in}>`;
    this.live = `${this.#live}>`;
  }

  /** The subject of a topic, or of all topics that a filter names. */
  of(kind: Kind, filter: string): string {
    return this.#in + path(kind, filter);
  }

  /** The subject of a topic's messages, which is asked for with each of them. */
  ofMessages(topic: string): string {
    const known = this.#messages.get(topic);
    if (known !== undefined) return known;
    const subject = this.of("m", topic);
    if (this.#messages.size >= MOST_KNOWN) this.#messages.clear();
    this.#messages.set(topic, subject);
    return subject;
  }

  /** Where the messages of a topic or filter arrive live. */
  liveOf(kind: Kind, filter: string): string {
    return this.#live + path(kind, filter);
  }

  /** All subjects of a kind. */
  every(kind: Kind): string {
    return `${this.#in}${kind}.>`;
  }

  /** The subject that holds how far back messages may have been lost. */
  get lost(): string {
    return `${this.#in}l.lost`;
  }

  get liveLost(): string {
    return `${this.#live}l.lost`;
  }

  /** Where a gateway sets its marks. */
  markOf(node: string): string {
    return `${this.#in}k.${node}`;
  }

  liveMarkOf(node: string): string {
    return `${this.#live}k.${node}`;
  }

  /** The kind that a stored subject is of: one of a topic, `l` (how far back messages may be lost) or `k` (a gateway's mark). */
  kindOf(subject: string): string {
    return subject.charAt(this.#in.length);
  }

  /** The topic of a subject that `of` made, as the stream names it. */
  topicOf(subject: string): string {
    const encoded = subject.slice(this.#in.length + "m.p.".length, -".~".length);
    return encoded.includes("%") ? encoded.split(".").map(decodeLevel).join("/") : encoded.replaceAll(".", "/");
  }
}

function path(kind: Kind, filter: string): string {
  const prefix = `${kind}.${filter.charCodeAt(0) === DOLLAR ? "s" : "p"}.`;
  if (PLAIN.test(filter)) return `${prefix}${filter.replaceAll("/", ".")}.~`;
  const levels = filter.split("/");
  const open = levels.at(-1) === "#";
  const tokens = levels.map((level) => (level === "+" ? "*" : level === "#" ? ">" : encodeLevel(level)));
  return prefix + tokens.join(".") + (open ? "" : ".~");
}

/** Subjects that are kept ready: some hundred bytes each. */
const MOST_KNOWN = 2000;

/** Levels without a character that NATS gives a meaning, none empty. */
const PLAIN = /^[\w$@:-]+(?:\/[\w$@:-]+)*$/;
const DOLLAR = 36;

function encodeLevel(level: string): string {
  if (level === "") return "%";
  // oxlint-disable-next-line no-control-regex
  return level.replace(/[\u0000-\u0020\u007f.*>%~]/g, (char) => `%${hex(char.charCodeAt(0))}`);
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(2, "0");
}

function decodeLevel(token: string): string {
  if (token === "%") return "";
  return token.replace(/%([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
