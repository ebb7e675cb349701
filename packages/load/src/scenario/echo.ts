import { EchoClient } from "../client/echo-client.ts";
import { between, type Interval, snapshot } from "../measure/interval.ts";
import { startStopwatch } from "../measure/stopwatch.ts";
import { Tally } from "../measure/tally.ts";
import { until } from "../measure/wait.ts";
import type { Timing } from "./loads.ts";
import { IncorrectDelivery, type Target } from "./run.ts";

/** Time for the last answers, in milliseconds. */
const LAST = 10_000;

/** One round trip under way on each of `connections` connections. Throws `IncorrectDelivery`. */
export async function echo(target: Target, connections: number, { warmUp, seconds }: Timing): Promise<Interval> {
  const { port, hosts, dialect, pid } = target;
  const tally = new Tally();
  const stopwatch = startStopwatch();
  const address = { host: hosts[0]!, port };
  const clients = Array.from({ length: connections }, () => new EchoClient(dialect, address, tally));
  for (const client of clients) await client.open();
  for (const client of clients) client.start();
  await Bun.sleep(warmUp * 1000);
  const start = snapshot(pid, tally, stopwatch);
  await Bun.sleep(seconds * 1000);
  const end = snapshot(pid, tally, stopwatch);
  for (const client of clients) client.stop();
  await until("the last answers", LAST, () => tally.acknowledged >= tally.sent).catch((error: unknown) =>
    tally.fault(String(error)),
  );
  for (const client of clients) client.close();
  if (tally.faults.length > 0) throw new IncorrectDelivery(target.name, tally.faults);
  return between(start, end);
}
