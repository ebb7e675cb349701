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

export interface Bursts extends Timing {
  /** Bursts a second. */
  readonly rate: number;
  /** Messages of one burst, written back to back. */
  readonly size: number;
}

/**
 * Client 0 publishes in bursts; the measurement ends when everybody has everything, so that a server which falls behind
 * pays for all its deliveries. Throws `IncorrectDelivery`.
 */
export async function broadcast(run: Run, { rate, size, warmUp, seconds }: Bursts): Promise<Paced> {
  const { stopwatch, tally } = run;
  await sendBursts(run, rate, size, Math.ceil(warmUp * rate));
  await run.drain();
  tally.measureFrom(stopwatch.micros());
  const start = run.snapshot();
  const loop = await sendBursts(run, rate, size, Math.round(seconds * rate));
  const sent = stopwatch.micros();
  await run.drain();
  const end = run.snapshot();
  return {
    interval: between(start, end),
    latency: tally.latency,
    lateness: loop.lateness,
    backlog: (end.micros - sent) / 1e6,
  };
}

/** Resolves when the last burst is sent. */
async function sendBursts(run: Run, rate: number, size: number, count: number): Promise<OpenLoop> {
  const done = Promise.withResolvers<void>();
  let sent = 0;
  const send = (due: number): void => {
    if (sent < count) run.clients[0]!.burst(size, due);
    sent += 1;
    if (sent >= count) done.resolve();
  };
  const loop = new OpenLoop({ rate, send }, run.stopwatch);
  loop.start();
  await done.promise;
  loop.stop();
  return loop;
}
