import { type Bucket, oweToken, untilToken } from "../../pipeline/token-bucket.ts";
import type { MqttClient } from "./client.ts";

/**
 * Milliseconds that a client is not read at most, however much it sent at once: about as long as an impatient one waits for
 * PINGRESP. What it sent beyond that is refused.
 */
const LONGEST = 10_000;

/**
 * Keeps a client to its rate of messages by reading slower: 3.1.1 has no word for "later", and few clients send again what
 * 5.0 refuses. What was read already is taken on credit. False if that is more than the client could wait for.
 */
export function pace(client: MqttClient, bucket: Bucket): boolean {
  const { publishRate: rate, publishBurst: burst } = client.context.services.limits;
  if (rate === 0) return true;
  // `heard` is when these bytes came: the clock need not be asked again for each message.
  if (!oweToken(bucket, { rate, burst, most: LONGEST }, client.heard)) return false;
  if (bucket.tokens < 0 && !client.link.isPaused) {
    client.link.pause();
    goOnLater(client, bucket);
  }
  return true;
}

function goOnLater(client: MqttClient, bucket: Bucket): void {
  const { limits, clock } = client.context.services;
  const wait = untilToken(bucket, limits.publishRate, limits.publishBurst, clock.now());
  clock.after(wait, () => {
    const now = clock.now();
    client.heard = now;
    // It may owe more by now. Of who is closed the end is to be read.
    const isOver = client.phase === "closed" || untilToken(bucket, limits.publishRate, limits.publishBurst, now) === 0;
    if (isOver) client.link.resume();
    else goOnLater(client, bucket);
  });
}
