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
  const { seq = 0, duplicate, error } = JSON.parse(answer.string()) as Body;
  if (error !== undefined)
    return refused(`the stream refused it: ${error.description ?? "it did not say why"}`, error.err_code);
  return { kind: duplicate === true ? "duplicate" : "stored", seq };
}

function refused(why: string, code = 0): Ack {
  return { kind: "refused", why, code };
}

/** Another message came to the subject meanwhile. */
export const WRONG_LAST_SEQUENCE = 10071;
