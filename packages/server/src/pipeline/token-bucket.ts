/** A rate limit's state, held by what it limits. */
export interface Bucket {
  /** What may still be taken. */
  tokens: number;
  /** When `tokens` was counted, in milliseconds. */
  counted: number;
}

/** Takes one token, which come back at `rate` a second up to `burst`; false if there is none. */
export function takeToken(bucket: Bucket, rate: number, burst: number, now: number): boolean {
  const elapsed = Math.max(0, now - bucket.counted);
  bucket.tokens = Math.min(burst, bucket.tokens + (elapsed * rate) / 1000);
  bucket.counted = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}
