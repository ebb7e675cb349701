import { EchoClient } from "../client/echo-client.ts";
import { between, type Interval, snapshot } from "../measure/interval.ts";
import { startStopwatch } from "../measure/stopwatch.ts";
import { Tally } from "../measure/tally.ts";
import { until } from "../measure/wait.ts";
import { textFrame } from "../websocket/frame.ts";
import type { Timing } from "./loads.ts";
import { IncorrectDelivery, type Target } from "./run.ts";

/** Time for the last answers, in milliseconds. */
const LAST = 10_000;

/** One round trip under way on each of `connections` connections. Throws `IncorrectDelivery`. */
export async function echo(target: Target, connections: number, { warmUp, seconds }: Timing): Promise<Interval> {
  const { port, hosts, dialect, pid } = target;
  const { path, subprotocol } = dialect;
  const tally = new Tally();
  const stopwatch = startStopwatch();
  const endpoint = { host: hosts[0]!, port, path, subprotocol };
  const clients = Array.from({ length: connections }, () => new EchoClient(endpoint, tally));
  const greeting = dialect.connect(1, undefined);
  for (const client of clients) await client.open(greeting === undefined ? undefined : textFrame(greeting));
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
