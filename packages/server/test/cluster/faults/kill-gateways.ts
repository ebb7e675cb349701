import { until } from "../../support/until.ts";
import { Crowd } from "./crowd.ts";
import { percentile } from "./figures.ts";
import { Ledger } from "./ledger.ts";
import type { Member } from "./member.ts";
import { Stand } from "./stand.ts";

export interface KillLoad {
  readonly rounds: number;
  readonly members: number;
  /** Messages a second. */
  readonly rate: number;
  /** Milliseconds of load before each kill. */
  readonly moment: () => number;
  readonly say: (line: string) => void;
}

export interface KillReport {
  readonly faults: readonly string[];
  readonly acknowledged: number;
  readonly delivered: number;
  /** From the kill until a client that was on the killed gateway is on another with all of its subscriptions; milliseconds. */
  readonly back: readonly number[];
}

/** Milliseconds that clients may take to come back before the round is given up. */
const PATIENCE = 30_000;

/** Kills one gateway after the other under load, and starts it again when its clients are on others. */
export async function killGateways({ rounds, members, rate, moment, say }: KillLoad): Promise<KillReport> {
  const ledger = new Ledger();
  await using stand = await Stand.start();
  const { cluster } = stand;
  const crowd = new Crowd({ url: cluster.ws, ledger, members, topics: Math.ceil(members / 6), each: 2, rate });
  await crowd.gather();
  crowd.talk();
  const back: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const victim = cluster.gateways[round % cluster.gateways.length];
    if (victim === undefined) break;
    await Bun.sleep(moment());
    const killed = performance.now();
    await victim.kill();
    const times = await comeBack(crowd.members, killed, ledger);
    back.push(...times);
    await victim.start();
    await until(() => cluster.pool.ready.length === cluster.gateways.length);
    say(`round ${round}: ${times.length} clients moved, P99 ${percentile(times, 0.99).toFixed(0)} ms`);
  }
  await crowd.rest();
  await crowd.leave();
  return { faults: ledger.faults, acknowledged: ledger.acknowledged, delivered: ledger.delivered, back };
}

/** Waits until everybody is whole again; the times of those who were away. */
async function comeBack(members: readonly Member[], killed: number, ledger: Ledger): Promise<number[]> {
  // Those who saw it have an absence by then: their connections were reset before the kill was over.
  await until(() => members.some(({ absentSince }) => absentSince !== undefined && absentSince >= killed));
  const end = killed + PATIENCE;
  await until(() => members.every(({ isWhole }) => isWhole) || performance.now() > end);
  for (const { name } of members.filter(({ isWhole }) => !isWhole))
    ledger.fault(`${name} was not back within ${PATIENCE} ms`);
  return members.flatMap(({ absences }) => {
    const last = absences.at(-1);
    return last === undefined || last.until < killed ? [] : [last.until - killed];
  });
}
