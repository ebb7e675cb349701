import { Histogram } from "../measure/histogram.ts";
import type { Counts } from "../result/types.ts";

/** More kinds of errors than this become "other". */
const MAX_KINDS = 100;
const KEPT_EXAMPLES = 20;

/** What one agent counted since it last said so. */
export interface CounterData extends Counts {
  /** Some of the errors in words. */
  readonly examples: readonly string[];
}

/** Everything that the clients of an agent count together. Plain numbers: they change a hundred thousand times a second. */
export class Counters {
  opened = 0;
  attempted = 0;
  sent = 0;
  acked = 0;
  delivered = 0;
  bytesOut = 0;
  bytesIn = 0;
  readonly latency = new Histogram();
  readonly ack = new Histogram();
  readonly connect = new Histogram();
  readonly #errors = new Map<string, number>();
  readonly #examples: string[] = [];

  error(kind: string, text: string): void {
    const known = this.#errors.has(kind) || this.#errors.size < MAX_KINDS ? kind : "other";
    this.#errors.set(known, (this.#errors.get(known) ?? 0) + 1);
    if (this.#examples.length < KEPT_EXAMPLES) this.#examples.push(`${kind}: ${text.slice(0, 300)}`);
  }

  /** What was counted since the last call. */
  take(): CounterData {
    const { opened, attempted, sent, acked, delivered, bytesOut, bytesIn, latency, ack, connect } = this;
    const data = {
      ...{ opened, attempted, sent, acked, delivered, bytesOut, bytesIn },
      errors: Object.fromEntries(this.#errors),
      examples: [...this.#examples],
      latency: latency.toData(),
      ack: ack.toData(),
      connect: connect.toData(),
    };
    this.opened = this.attempted = this.sent = this.acked = this.delivered = this.bytesOut = this.bytesIn = 0;
    for (const histogram of [latency, ack, connect]) histogram.clear();
    this.#errors.clear();
    this.#examples.length = 0;
    return data;
  }
}
