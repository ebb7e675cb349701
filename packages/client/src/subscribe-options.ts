import type { Position } from "./message.ts";

export interface SubscribeOptions {
  /** First what was stored after this position, then live. Save `subscription.position` to resume later. */
  readonly since?: Position;
  /** First the newest so many messages (at most 10,000), then live, with no gap and no repeat. Not for filters. */
  readonly history?: number;
  /** First the retained values that match. */
  readonly retained?: boolean;
  /** Be present in the topic, and get `join` and `leave`. The object is what others see of you. */
  readonly presence?: true | object;
  /** At most so many messages are under way without `ack`. */
  readonly window?: number;
  /** False: report gaps at once, fetch nothing. For views that only want what is new. Default true. */
  readonly repair?: boolean;
  /** Messages that wait for each `for await`, and for the first reader. Default 1,000. */
  readonly buffer?: number;
}

/** Throws a TypeError that says what is wrong. */
export function checkSubscribe(topic: string, { since, history, retained, buffer }: SubscribeOptions): void {
  const starts = Object.entries({ since, history, retained }).filter(
    ([, value]) => value !== undefined && value !== false,
  );
  if (starts.length > 1) throw new TypeError(`${starts.map(([name]) => name).join(" and ")} exclude each other`);
  if (history !== undefined && /[+#]/.test(topic))
    throw new TypeError("history: it is of single topics, not of filters");
  if (history !== undefined && !(Number.isInteger(history) && history > 0 && history <= 10_000))
    throw new TypeError("history: a whole number from 1 to 10,000");
  if (buffer !== undefined && !(buffer >= 1)) throw new TypeError("buffer: a number from 1 on");
}
