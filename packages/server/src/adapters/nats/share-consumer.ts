import { createHash } from "node:crypto";
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiError,
  type ConsumerConfig,
  type JetStreamManager,
} from "@nats-io/jetstream";
import type { ShareWish } from "../../log/share.ts";
import type { Subjects } from "./subjects.ts";
import { unavailable } from "./unavailable.ts";

export interface ShareConsumerParts {
  readonly jsm: JetStreamManager;
  readonly subjects: Subjects;
  /** Name of the stream. */
  readonly stream: string;
}

/** The durable consumer of a shared subscription: the same for all gateways that name it alike. */
export class ShareConsumer {
  readonly name: string;
  readonly #parts: ShareConsumerParts;
  readonly #wish: ShareWish;
  #keep: number;

  constructor(parts: ShareConsumerParts, wish: ShareWish) {
    this.#parts = parts;
    this.#wish = wish;
    this.#keep = Math.max(wish.keep, SHORTEST_KEEP);
    const hash = createHash("sha256").update(`${wish.name}\n${wish.filter}`).digest("base64url");
    this.name = `share-${hash.slice(0, 22)}`;
  }

  /** Finds it or makes it; `newest`: the newest offset that this gateway was given, if any. Rejects with `LogUnavailable`. */
  async begin(newest: number | undefined): Promise<void> {
    const { jsm, stream } = this.#parts;
    try {
      await jsm.consumers.add(stream, this.#config(newest ?? this.#wish.after));
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || !EXISTS.has(error.code)) throw unavailable(error);
      await this.#lengthen();
    }
  }

  /** Its place is kept for so many milliseconds at least while nobody asks. What fails is done by the next one who comes. */
  keep(ms: number, hasBegun: boolean): void {
    if (ms <= this.#keep) return;
    this.#keep = ms;
    if (hasBegun) this.#lengthen().catch(() => {});
  }

  #config(after: number | undefined): ConsumerConfig {
    return {
      durable_name: this.name,
      filter_subject: this.#parts.subjects.of("m", this.#wish.filter),
      ack_policy: AckPolicy.Explicit,
      ack_wait: ACK_WAIT * NANOS,
      max_ack_pending: MAX_UNDER_WAY,
      max_waiting: MAX_QUESTIONS,
      inactive_threshold: this.#keep * NANOS,
      ...(after === undefined
        ? { deliver_policy: DeliverPolicy.New }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1 }),
    } as ConsumerConfig;
  }

  async #lengthen(): Promise<void> {
    const { jsm, stream } = this.#parts;
    try {
      const { config } = await jsm.consumers.info(stream, this.name);
      const kept = (config.inactive_threshold ?? 0) / NANOS;
      if (kept < this.#keep) await jsm.consumers.update(stream, this.name, { inactive_threshold: this.#keep * NANOS });
    } catch (error) {
      throw unavailable(error);
    }
  }
}

export const NANOS = 1_000_000;
/** Milliseconds after which the server gives what it did not hear of to somebody else. */
export const ACK_WAIT = 6000;
/** Milliseconds. Members whose sessions end with their connections come back to another gateway in this time, or never. */
export const SHORTEST_KEEP = 15_000;
/** Of all gateways together. */
const MAX_UNDER_WAY = 100_000;
const MAX_QUESTIONS = 5000;
/** What the server says of a consumer that is there with another beginning. */
const EXISTS: ReadonlySet<number> = new Set([10_012, 10_013, 10_105, 10_148]);
