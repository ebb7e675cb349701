/** A client that has connected. */
export interface Arrival {
  readonly key: string;
  /** Number of its claim; 0 for a session that ends with the connection. */
  readonly claim: number;
  /** Milliseconds since 1970, by the clock of its gateway, and later than what that gateway had heard of. */
  readonly at: number;
  /** It is told once more, and may have been there for long. */
  readonly isAgain?: boolean;
}

export interface Arrived extends Arrival {
  readonly node: string;
}

/**
 * Whether somebody else's connection with a client id comes after one's own. Both gateways ask, and come to the same answer: one
 * connection is left. Of two claims the store knows which was later. Else whoever tells is later, since it tells at once; only what came
 * about at the same time is told apart by the clocks, which may differ.
 *
 * @param now - by the clock of whoever asks
 */
export function isNewer(theirs: Arrived, own: Arrived, now: number): boolean {
  if (theirs.claim > 0 && own.claim > 0) return theirs.claim > own.claim;
  if (theirs.isAgain !== true && now - own.at > SAME_TIME) return true;
  return theirs.at === own.at ? theirs.node > own.node : theirs.at > own.at;
}

/** Milliseconds: longer than a message between gateways is under way. */
const SAME_TIME = 2000;

type Written = readonly [key: string, claim: number, at: number, again: 0 | 1];

/** As few messages as hold them all. */
export function encodeArrivals(node: string, arrived: readonly Arrival[], maxBytes: number): readonly Uint8Array[] {
  const written = arrived.map(({ key, claim, at, isAgain }): Written => [key, claim, at, isAgain === true ? 1 : 0]);
  const payload = encoder.encode(JSON.stringify([node, written]));
  if (payload.length <= maxBytes || arrived.length <= 1) return [payload];
  const half = arrived.length >> 1;
  const parts = [arrived.slice(0, half), arrived.slice(half)];
  return parts.flatMap((part) => encodeArrivals(node, part, maxBytes));
}

/** @throws TypeError or SyntaxError for what no gateway of this version says */
export function decodeArrivals(payload: Uint8Array): { readonly node: string; readonly arrived: readonly Arrival[] } {
  const [node, written] = JSON.parse(decoder.decode(payload)) as readonly [string, readonly Written[]];
  const arrived = written.map(([key, claim, at, again]) => ({ key, claim, at, isAgain: again === 1 }));
  return { node, arrived };
}

/** What a gateway asks for that takes a client over. */
export function decodeLeave(payload: Uint8Array): { readonly key: string; readonly resumes: boolean } {
  return JSON.parse(decoder.decode(payload)) as { key: string; resumes: boolean };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
