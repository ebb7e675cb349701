import type { Histogram } from "../measure/histogram.ts";
import { between, type Interval } from "../measure/interval.ts";
import type { Timing } from "./loads.ts";
import { BROADCAST_TOPIC, listeners } from "./populations.ts";
import { RemotePublisher } from "./remote-publisher.ts";
import { Run, type Target } from "./run.ts";

export interface Bursts extends Timing {
  readonly subscribers: number;
  readonly payloadBytes: number;
  /** Bursts a second. */
  readonly rate: number;
  /** Messages of one burst, written back to back. */
  readonly size: number;
}

export interface BroadcastFigures {
  readonly interval: Interval;
  /** Microseconds from the due moment of a burst to each delivery. */
  readonly latency: Histogram;
  /** Microseconds by which the publisher itself was late. */
  readonly latenessP99: number;
}

/**
 * One publisher to many subscribers. The measurement ends when everybody has everything, so that a server which falls
 * behind pays for all its deliveries. Throws `IncorrectDelivery`.
 */
export async function broadcast(target: Target, load: Bursts): Promise<BroadcastFigures> {
  const run = await Run.open(target, listeners(load.subscribers), load.payloadBytes);
  const { dialect, port, hosts } = target;
  const { payloadBytes } = load;
  const { origin } = run.stopwatch;
  const host = hosts[0]!;
  const publisher = await RemotePublisher.open({
    dialect: dialect.name,
    host,
    port,
    topic: BROADCAST_TOPIC,
    payloadBytes,
    origin,
  });
  try {
    run.hearFrom(publisher);
    const figures = await measure(run, publisher, load);
    await run.finish();
    return figures;
  } finally {
    publisher.close();
  }
}

async function measure(run: Run, publisher: RemotePublisher, load: Bursts): Promise<BroadcastFigures> {
  const { rate, size, warmUp, seconds } = load;
  await publisher.bursts(rate, size, Math.ceil(warmUp * rate));
  await run.drain();
  run.tally.measureFrom(run.stopwatch.micros());
  const start = run.snapshot();
  const { latenessP99 } = await publisher.bursts(rate, size, Math.round(seconds * rate));
  await run.drain();
  const end = run.snapshot();
  return { interval: between(start, end), latency: run.tally.latency, latenessP99 };
}
