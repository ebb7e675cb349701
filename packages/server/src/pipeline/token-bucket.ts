/** A rate limit's state, held by what it limits. */
export interface Bucket {
  /** What may still be taken. */
  tokens: number;
  /** When `tokens` was counted, in milliseconds. */
  counted: number;
}

/** Takes one token, which come back at `rate` a second up to `burst`; false if there is none. */
export function takeToken(bucket: Bucket, rate: number, burst: number, now: number): boolean {
  fill(bucket, rate, burst, now);
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

/** Takes one token, on credit if there is none, for who is about to wait. False if what is owed took longer than `most` ms. */
export function oweToken(
  bucket: Bucket,
  { rate, burst, most }: { readonly rate: number; readonly burst: number; readonly most: number },
  now: number,
): boolean {
  fill(bucket, rate, burst, now);
  if (wait(bucket, rate) > most) return false;
  bucket.tokens -= 1;
  return true;
}

/** Milliseconds until there is a token again; 0 if there is one. */
export function untilToken(bucket: Bucket, rate: number, burst: number, now: number): number {
  fill(bucket, rate, burst, now);
  return wait(bucket, rate);
}

function fill(bucket: Bucket, rate: number, burst: number, now: number): void {
  const elapsed = Math.max(0, now - bucket.counted);
  bucket.tokens = Math.min(burst, bucket.tokens + (elapsed * rate) / 1000);
  bucket.counted = now;
}

function wait({ tokens }: Bucket, rate: number): number {
  return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1000) / rate);
}
