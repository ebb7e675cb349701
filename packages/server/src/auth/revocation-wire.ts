import { isRevocation, type Revocation } from "./revocation-store.ts";

/** A part of a node's list, in the order of `keyOf`. */
export interface RevocationPage {
  readonly revocations: readonly Revocation[];
  /** Where the next one begins; undefined: this was the last. */
  readonly next?: string;
}

export function keyOf({ kind, id }: Pick<Revocation, "kind" | "id">): string {
  return `${kind}:${id}`;
}

/** @throws TypeError if it is no page */
export function decodePage(payload: Uint8Array): RevocationPage {
  const { revocations, next } = fieldsOf(payload);
  if (!Array.isArray(revocations) || !revocations.every(isRevocation)) throw new TypeError("it has no revocations");
  return { revocations, ...(typeof next === "string" && { next }) };
}

/** The list from a key on, in as many bytes as are allowed; at least one entry. `sorted` by key. */
export function pageOf(sorted: readonly Revocation[], from: string, maxBytes: number): RevocationPage {
  const revocations: Revocation[] = [];
  let bytes = 0;
  for (let i = placeOf(sorted, from); i < sorted.length; i++) {
    const one = sorted[i]!;
    // No character of an id takes more than six bytes in JSON.
    bytes += one.id.length * 6 + ENTRY_BYTES;
    if (bytes > maxBytes && revocations.length > 0) return { revocations, next: keyOf(one) };
    revocations.push(one);
  }
  return { revocations };
}

export function encode(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** @throws TypeError if it is no object in JSON */
export function fieldsOf(payload: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(payload));
  } catch (error) {
    throw new TypeError("it is no JSON", { cause: error });
  }
  if (typeof value !== "object" || value === null) throw new TypeError("it is no object");
  return value as Readonly<Record<string, unknown>>;
}

/** Where the first entry at or after the key stands. */
function placeOf(sorted: readonly Revocation[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyOf(sorted[middle]!) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
/** Bytes of an entry beside its id. */
const ENTRY_BYTES = 100;
