import type { HistogramData } from "./histogram-data.ts";

/** Sub-buckets in each power of two: 64 keep the error of a value under 1.6 %. */
const SUB_BITS = 6;
const SUB = 1 << SUB_BITS;
/** Powers of two above the exact range: up to 2^31 µs, 36 minutes. */
const POWERS = 31 - SUB_BITS;

/**
 * Counts of whole numbers in log-linear buckets, as HdrHistogram has them: exact below 64, then within 1.6 %. Here the
 * numbers are microseconds.
 */
export class Histogram {
  readonly #counts = new Float64Array(SUB + POWERS * SUB);
  #count = 0;
  #max = 0;
  #sum = 0;

  /** The histogram that `toData` wrote. */
  static of({ count, max, sum, buckets }: HistogramData): Histogram {
    const histogram = new Histogram();
    for (let i = 0; i + 1 < buckets.length; i += 2) histogram.#counts[buckets[i]!]! += buckets[i + 1]!;
    histogram.#count = count;
    histogram.#max = max;
    histogram.#sum = sum;
    return histogram;
  }

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  /** 0 if empty. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Values under 0 count as 0, those over 2^31 as 2^31 - 1. */
  record(value: number): void {
    const whole = value > 0 ? Math.min(value | 0, 0x7fffffff) : 0;
    const bucket = bucketOf(value > 0x7fffffff ? 0x7fffffff : whole);
    this.#counts[bucket]! += 1;
    this.#count += 1;
    this.#sum += whole;
    if (value > this.#max) this.#max = value;
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#counts.fill(0);
    this.#count = 0;
    this.#max = 0;
    this.#sum = 0;
  }

  toData(): HistogramData {
    const buckets: number[] = [];
    for (const [bucket, count] of this.#counts.entries()) if (count > 0) buckets.push(bucket, count);
    return { count: this.#count, max: this.#max, sum: this.#sum, buckets };
  }

  /** The value that the share `q` (0 to 1) of all values does not exceed: the upper end of its bucket; 0 if empty. */
  quantile(q: number): number {
    const wanted = Math.max(1, Math.ceil(q * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return Math.min(upperEnd(bucket), this.#max);
    }
    return this.#max;
  }

  add(other: Histogram): void {
    for (const [bucket, count] of other.#counts.entries()) this.#counts[bucket]! += count;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
  }
}

function bucketOf(value: number): number {
  if (value < SUB) return value;
  const shift = 31 - Math.clz32(value) - SUB_BITS;
  return SUB + shift * SUB + ((value >> shift) - SUB);
}

function upperEnd(bucket: number): number {
  if (bucket < SUB) return bucket;
  const shift = Math.floor((bucket - SUB) / SUB);
  const top = ((bucket - SUB) % SUB) + SUB;
  return (top + 1) * 2 ** shift - 1;
}
