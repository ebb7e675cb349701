import { LIMITS } from "./limits.ts";

/** Why a topic or filter is refused, as a sentence for its sender; undefined if it is fine. */
export function topicFault(topic: string): string | undefined {
  return nameFault(topic) ?? (isWildcard(topic) ? "a topic to publish to has no wildcards (+ or #)" : undefined);
}

/** As MQTT has it: `+` stands for one whole level, `#` for all that follow and only at the end. [MQTT-4.7.1] */
export function filterFault(filter: string): string | undefined {
  const fault = nameFault(filter);
  if (fault !== undefined || !isWildcard(filter)) return fault;
  const levels = filter.split("/");
  for (const [i, level] of levels.entries()) {
    if (level === "#" && i < levels.length - 1) return "# is allowed only as the last level";
    if (level.length > 1 && /[+#]/.test(level)) return `the wildcard in "${level}" must be a whole level`;
  }
  return undefined;
}

export function isWildcard(filter: string): boolean {
  return filter.includes("+") || filter.includes("#");
}

/** The first level names the namespace. */
export function namespaceOf(topic: string): string {
  const slash = topic.indexOf("/");
  return slash < 0 ? topic : topic.slice(0, slash);
}

/**
 * Whether `topic` is one of those that `filter` names. Wildcards do not reach topics of the server (`$…`). [MQTT-4.7.2-1]
 * Makes no text or list: whole logs are looked through with it.
 */
export function matches(filter: string, topic: string): boolean {
  if (filter === topic) return true;
  if (topic.charCodeAt(0) === DOLLAR && filter.charCodeAt(0) !== DOLLAR) return false;
  let at = 0;
  for (let i = 0; i < filter.length; i++) {
    const c = filter.charCodeAt(i);
    const isWild = (c === PLUS || c === HASH) && isLevel(filter, i);
    if (isWild && c === HASH) return true;
    if (isWild) at = levelEnd(topic, at);
    else if (at < topic.length && c === topic.charCodeAt(at)) at++;
    // `a/#` names `a` as well.
    else return at === topic.length && c === SLASH && filter.charCodeAt(i + 1) === HASH && isLevel(filter, i + 1);
  }
  return at === topic.length;
}

/** Whether this one character is a whole level. */
function isLevel(filter: string, at: number): boolean {
  const begins = at === 0 || filter.charCodeAt(at - 1) === SLASH;
  return begins && (at + 1 === filter.length || filter.charCodeAt(at + 1) === SLASH);
}

/** Where the level ends that is read just now. */
function levelEnd(name: string, from: number): number {
  const slash = name.indexOf("/", from);
  return slash < 0 ? name.length : slash;
}

/** Whether every topic that `inner` names is also named by `outer`: may who holds `outer` subscribe to `inner`? */
export function covers(outer: string, inner: string): boolean {
  if (inner.charCodeAt(0) === DOLLAR && outer.charCodeAt(0) !== DOLLAR) return false;
  const wide = outer.split("/");
  const narrow = spelledOut(inner).split("/");
  for (const [i, level] of wide.entries()) {
    if (level === "#") return true;
    const other = narrow[i];
    if (other === undefined || other === "#" || (level !== "+" && level !== other)) return false;
  }
  return wide.length === narrow.length;
}

/** The same filter without the empty topic in it. The parent that `#` and `/#` would also name is the empty topic, which is none: there is one level more at least. */
export function spelledOut(filter: string): string {
  return filter === "#" ? "+/#" : filter === "/#" ? "/+/#" : filter;
}

const DOLLAR = 36;
const HASH = 35;
const PLUS = 43;
const SLASH = 47;

function nameFault(name: string): string | undefined {
  return isPlain(name) ? undefined : nameFaultOf(name);
}

/** A short name of visible ASCII, as most are: one pass says that nothing is wrong with it. */
function isPlain(name: string): boolean {
  const { length } = name;
  if (length === 0 || length > LIMITS.topicBytes) return false;
  let levels = 1;
  for (let i = 0; i < length; i++) {
    const c = name.charCodeAt(i);
    if (c < 0x20 || c > 0x7e) return false;
    if (c === SLASH) levels++;
  }
  return levels <= LIMITS.topicLevels;
}

function nameFaultOf(name: string): string | undefined {
  if (name.length === 0) return "it is empty";
  // A character is at most 3 bytes in UTF-8 for each UTF-16 unit: the exact count only where it can matter.
  if (name.length * 3 > LIMITS.topicBytes && new TextEncoder().encode(name).length > LIMITS.topicBytes)
    return `it is longer than ${LIMITS.topicBytes} bytes`;
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(name)) return "it has a control character";
  if (!name.isWellFormed()) return "it is not valid Unicode";
  if (name.split("/").length > LIMITS.topicLevels) return `it has more than ${LIMITS.topicLevels} levels`;
  return undefined;
}
