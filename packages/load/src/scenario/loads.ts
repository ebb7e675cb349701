import type { Histogram } from "../measure/histogram.ts";
import { between, type Interval } from "../measure/interval.ts";
import { OpenLoop } from "./open-loop.ts";
import type { Run } from "./run.ts";

export interface Timing {
  /** Seconds before the measurement, for compilers and caches. */
  readonly warmUp: number;
  /** Seconds of the measurement. */
  readonly seconds: number;
}

/** Closed loop: every client keeps `window` publishes under way. Throws `IncorrectDelivery`. */
export async function saturate(run: Run, window: number, timing: Timing): Promise<Interval> {
  for (const client of run.clients) client.keepUnderWay(window);
  await Bun.sleep(timing.warmUp * 1000);
  const start = run.snapshot();
  await Bun.sleep(timing.seconds * 1000);
  const end = run.snapshot();
  for (const client of run.clients) client.keepUnderWay(0);
  await run.drain();
  return between(start, end);
}

export interface Paced {
  readonly interval: Interval;
  /** Microseconds from the due moment of a publish to each delivery. */
  readonly latency: Histogram;
  /** Microseconds by which the generator itself was late. */
  readonly lateness: Histogram;
  /** Seconds from the last send until everything had arrived. */
  readonly backlog: number;
}

/** Open loop: `rate` publishes a second by all clients in turn. Throws `IncorrectDelivery`. */
export async function paced(run: Run, rate: number, timing: Timing): Promise<Paced> {
  const { clients, stopwatch, tally } = run;
  let turn = 0;
  // Steps of a prime length spread neighbours in time over the rooms.
  const send = (due: number): void => clients[(turn++ * 7919) % clients.length]!.publish(due);
  const loop = new OpenLoop({ rate, send }, stopwatch);
  loop.start();
  await Bun.sleep(timing.warmUp * 1000);
  tally.measureFrom(stopwatch.micros());
  loop.forgetLateness();
  const start = run.snapshot();
  await Bun.sleep(timing.seconds * 1000);
  const end = run.snapshot();
  loop.stop();
  await run.drain();
  const backlog = (stopwatch.micros() - end.micros) / 1e6;
  return { interval: between(start, end), latency: tally.latency, lateness: loop.lateness, backlog };
}
