import type { NodeLoad, NodeView } from "./nodes.ts";

/** What nodes say of themselves. `hello` asks the others to announce themselves, too. */
export type Announcement =
  { readonly kind: "hello" | "here"; readonly node: NodeView } | { readonly kind: "bye"; readonly id: string };

export function encodeAnnouncement(announcement: Announcement): Uint8Array {
  return encoder.encode(JSON.stringify(announcement));
}

/**
 * Undefined: it says something that this version does not know. A node of another version may send more fields, but those of this one
 * must be right.
 *
 * @throws TypeError that names the field
 */
export function decodeAnnouncement(payload: Uint8Array): Announcement | undefined {
  if (payload.length > MAX_BYTES) throw new TypeError(`it has ${payload.length} bytes, at most ${MAX_BYTES} may be`);
  const found = recordOf(parse(payload), "the announcement");
  switch (found["kind"]) {
    case "hello":
    case "here":
      return { kind: found["kind"], node: nodeOf(recordOf(found["node"], "node")) };
    case "bye":
      return { kind: "bye", id: idOf(found["id"]) };
    default:
      textOf(found, "kind");
      return undefined;
  }
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(payload));
  } catch (error) {
    throw new TypeError("it is no JSON", { cause: error });
  }
}

function nodeOf(found: Fields): NodeView {
  return {
    id: idOf(found["id"]),
    name: textOf(found, "name"),
    url: textOf(found, "url"),
    version: textOf(found, "version"),
    startedAt: numberOf(found, "startedAt"),
    draining: truthOf(found, "draining"),
    load: loadOf(recordOf(found["load"], "load")),
  };
}

function loadOf(found: Fields): NodeLoad {
  return {
    connections: numberOf(found, "connections"),
    subscriptions: numberOf(found, "subscriptions"),
    published: numberOf(found, "published"),
    delivered: numberOf(found, "delivered"),
    cpu: numberOf(found, "cpu"),
    memory: numberOf(found, "memory"),
    lag: numberOf(found, "lag"),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function recordOf(value: unknown, name: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new TypeError(`${name} is no object`);
}

/** An id is also a word of subjects on the bus. */
function idOf(value: unknown): string {
  if (typeof value === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(value)) return value;
  throw new TypeError('id is not 1 to 64 letters, digits, "_" and "-"');
}

function textOf(found: Fields, name: string): string {
  const value = found[name];
  if (typeof value === "string" && value.length <= MAX_TEXT) return value;
  throw new TypeError(`${name} is no text of at most ${MAX_TEXT} characters`);
}

function numberOf(found: Fields, name: string): number {
  const value = found[name];
  if (typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new TypeError(`${name} is no number from 0 up`);
}

function truthOf(found: Fields, name: string): boolean {
  const value = found[name];
  if (typeof value === "boolean") return value;
  throw new TypeError(`${name} is neither true nor false`);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const MAX_BYTES = 16 * 1024;
const MAX_TEXT = 1024;
