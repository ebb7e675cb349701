import { between, type Interval, snapshot } from "../../src/measure/interval.ts";
import { type Memory, memory } from "../../src/measure/process-stats.ts";
import { startStopwatch } from "../../src/measure/stopwatch.ts";
import type { Sample, Series } from "../../src/report/series.ts";
import { broadcast } from "../../src/scenario/broadcast.ts";
import { saturate } from "../../src/scenario/loads.ts";
import { idleClients, roomClients } from "../../src/scenario/populations.ts";
import { Run } from "../../src/scenario/run.ts";
import type { Settings } from "../support/bench.ts";
import { withServer } from "../support/contestants.ts";
import { percentiles } from "../support/percentiles.ts";
import { collect, rates, withRun } from "../support/rounds.ts";
import { settled } from "../support/settled.ts";
import type { Entrant } from "./field.ts";
import type { Notes } from "./notes.ts";

export type Numbers =
  "rounds" | "pacedRounds" | "seconds" | "rooms" | "members" | "payload" | "subscribers" | "rate" | "connections";

/** What every load of this benchmark is given. */
export type Context = Settings<Numbers> & { readonly notes: Notes };

/** Seconds of load before a measurement: the compilers of Java and JavaScript work in them. */
const WARM_UP = 1;

/** Rooms at saturation: each client keeps one publish under way. */
export function chat(field: readonly Entrant[], context: Context): Promise<Series> {
  const { rooms, members, payload, seconds } = context.numbers;
  return inTurn("chat", field, context, async (entrant) => {
    const interval = await withRun(entrant, roomClients(rooms, members), payload, (run) =>
      saturate(run, 1, { warmUp: WARM_UP, seconds }),
    );
    context.notes.watch.look(`chat, ${entrant.name}`, interval);
    return rates(interval, interval.delivered);
  });
}

/** One publisher, many subscribers, on a schedule. */
export function fanOut(field: readonly Entrant[], context: Context): Promise<Series> {
  const { seconds, subscribers, rate, payload } = context.numbers;
  const load = { rate, size: 1, subscribers, payloadBytes: payload, warmUp: WARM_UP, seconds };
  return inTurn("fan-out", field, context, (entrant) =>
    withServer(entrant, async (target) => {
      const { interval, latency, latenessP99 } = await broadcast(target, load);
      context.notes.watch.look(`fan-out, ${entrant.name}`, interval, latenessP99);
      return { ...rates(interval, interval.delivered), ...percentiles(latency, "p50", "p99", "p999") };
    }),
  );
}

/** Connections that come, subscribe twice and stay: how fast, and what memory they take. */
export function idle(field: readonly Entrant[], context: Context): Promise<Series> {
  const { connections } = context.numbers;
  return inTurn("idle", field, context, (entrant) =>
    withServer(entrant, async (target): Promise<Sample> => {
      const empty = await settled(() => memory(target.pid));
      const clients = idleClients(connections, () => undefined);
      const { run, interval } = await openMeasured(() => Run.open(target, clients, 0), target.pid);
      const full = await settled(() => memory(target.pid));
      await run.finish();
      const each = (key: keyof Memory): number => (full[key] - empty[key]) / connections;
      return {
        empty: empty.rss / 2 ** 20,
        rss: each("rss"),
        anonymous: each("anonymous"),
        setUps: connections / interval.seconds,
        setUpsPerCpu: connections / interval.serverCpu,
      };
    }),
  );
}

/** Everyone in every round. A peer that does not deliver is noted and has no figures for that round. */
function inTurn(
  title: string,
  contestants: readonly Entrant[],
  { numbers: { rounds }, progress, notes }: Context,
  measure: (entrant: Entrant) => Promise<Sample>,
): Promise<Series> {
  return collect(
    { title, contestants, rounds, progress },
    async (entrant) => (await notes.forgiving(entrant, title, () => measure(entrant))) ?? {},
  );
}

async function openMeasured(open: () => Promise<Run>, pid: number): Promise<{ run: Run; interval: Interval }> {
  const stopwatch = startStopwatch();
  const nothing = { sent: 0, acknowledged: 0, delivered: 0 };
  const start = snapshot(pid, nothing, stopwatch);
  const run = await open();
  return { run, interval: between(start, snapshot(pid, nothing, stopwatch)) };
}
