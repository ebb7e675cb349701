import type { Msg } from "@nats-io/transport-node";

/** What the stream said to a publish. */
export type Ack =
  | { readonly kind: "stored"; readonly seq: number }
  /** `seq` is missing where the stream does not say it: for a batch. */
  | { readonly kind: "duplicate"; readonly seq: number | undefined }
  | { readonly kind: "refused"; readonly why: string };

interface Body {
  readonly seq?: number;
  readonly duplicate?: boolean;
  /** Messages of the batch; absent for a single message. */
  readonly count?: number;
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

export function parseAck(answer: Msg | undefined): Ack {
  if (answer === undefined) return refused("the connection to NATS was lost before the stream acknowledged");
  if (answer.headers?.code === 503) return refused("no stream takes this: it was deleted, or JetStream is away");
  const { seq = 0, duplicate, count = 1, error } = JSON.parse(answer.string()) as Body;
  if (error?.err_code === DUPLICATE_IN_BATCH) return { kind: "duplicate", seq: undefined };
  if (error !== undefined) return refused(`the stream refused it: ${error.description ?? "it did not say why"}`);
  // A batch is a message and the copy of its retained value behind it.
  return duplicate === true ? { kind: "duplicate", seq } : { kind: "stored", seq: seq - count + 1 };
}

function refused(why: string): Ack {
  return { kind: "refused", why };
}

const DUPLICATE_IN_BATCH = 10201;
