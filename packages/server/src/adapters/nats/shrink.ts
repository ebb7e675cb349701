import type { JetStreamManager } from "@nats-io/jetstream";
import type { Exchange } from "./exchange.ts";
import { putFloor } from "./floor.ts";
import type { Lost } from "./lost.ts";
import { hardBytes } from "./open-stream.ts";
import type { Subjects } from "./subjects.ts";

export interface ShrinkParts {
  readonly jsm: JetStreamManager;
  readonly stream: string;
  readonly exchange: Exchange;
  readonly subjects: Subjects;
  readonly lost: Lost;
  readonly maxBytes: number;
}

/** Over its bytes, the oldest messages of all topics go; retained values and floors stay. */
export async function shrink(parts: ShrinkParts): Promise<void> {
  const { jsm, stream, exchange, maxBytes, subjects, lost } = parts;
  const { state } = await jsm.streams.info(stream);
  const excess = state.bytes - maxBytes;
  if (excess <= 0) return;
  const share = Math.min(1, excess / state.bytes + MORE);
  const upTo = state.first_seq + Math.ceil((state.last_seq - state.first_seq) * share);
  const bound = hardBytes(maxBytes);
  const isFull = state.bytes + RESERVE > bound;
  // A stream that is full has no room for the word that it loses something. Its bound is raised for that moment.
  if (isFull) await jsm.streams.update(stream, { max_bytes: bound + RESERVE });
  await putFloor(exchange, subjects.lost, Math.max(lost.upTo, upTo));
  await jsm.streams.purge(stream, { filter: subjects.every("m"), seq: upTo + 1 });
  if (isFull) await jsm.streams.update(stream, { max_bytes: bound });
}

/** Bytes. */
const RESERVE = 64 * 1024;
/** So that not every trim has a little to remove. */
const MORE = 0.02;
