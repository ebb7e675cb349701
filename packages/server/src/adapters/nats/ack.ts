import type { Msg } from "@nats-io/transport-node";
import { Head } from "./head.ts";

/** What the stream said to a publish. */
export type Ack =
  | { readonly kind: "stored"; readonly seq: number }
  /** `seq`: where the first one is. */
  | { readonly kind: "duplicate"; readonly seq: number }
  | { readonly kind: "refused"; readonly why: string; readonly code: number };

interface Body {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

export function parseAck(answer: Msg | undefined): Ack {
  if (answer === undefined) return refused("the connection to NATS was lost before the stream acknowledged");
  if (answer.data.length === 0 && new Head(answer).code === 503)
    return refused("no stream takes this: it was deleted, or JetStream is away");
  const stored = storedSeq(answer.data);
  if (stored > 0) return { kind: "stored", seq: stored };
  const { seq = 0, duplicate, error } = JSON.parse(answer.string()) as Body;
  if (error !== undefined)
    return refused(`the stream refused it: ${error.description ?? "it did not say why"}`, error.err_code);
  return { kind: duplicate === true ? "duplicate" : "stored", seq };
}

/**
 * The sequence of `{"stream":"…","seq":12}`, which nearly every answer is, read from its bytes; 0 for any other answer. An error stands
 * before the stream, what else there is behind the sequence.
 */
function storedSeq(bytes: Uint8Array): number {
  let at = bytes.length - 1;
  if (bytes[at--] !== CLOSE || !isAt(bytes, 0, BEGIN)) return 0;
  let seq = 0;
  for (let factor = 1; ; factor *= 10) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    seq += digit * factor;
    at -= 1;
  }
  return isAt(bytes, at + 1 - SEQ.length, SEQ) ? seq : 0;
}

function isAt(bytes: Uint8Array, from: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false;
  return true;
}

const BEGIN = new TextEncoder().encode('{"stream":"');
const SEQ = new TextEncoder().encode('"seq":');
const CLOSE = 125;
const ZERO = 48;

function refused(why: string, code = 0): Ack {
  return { kind: "refused", why, code };
}

/** Another message came to the subject meanwhile. */
export const WRONG_LAST_SEQUENCE = 10071;
