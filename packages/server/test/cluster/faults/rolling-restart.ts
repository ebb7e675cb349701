import { until } from "../../support/until.ts";
import { Accepts } from "./accepts.ts";
import { Crowd } from "./crowd.ts";
import { Ledger } from "./ledger.ts";
import type { Member } from "./member.ts";
import { Stand } from "./stand.ts";

export interface RollingLoad {
  readonly members: number;
  /** Messages a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly spread: number;
  /** Connections a second that a gateway takes, and at once above that. */
  readonly acceptRate: number;
  readonly acceptBurst: number;
  readonly say: (line: string) => void;
}

export interface RollingReport {
  readonly faults: readonly string[];
  readonly acknowledged: number;
  readonly delivered: number;
  /** Exit codes of the drained gateways. */
  readonly codes: readonly (number | null)[];
  /** From the word to connect elsewhere until a client is there with all of its subscriptions; milliseconds. */
  readonly waits: readonly number[];
  /** Without a connection or one of its subscriptions; milliseconds. */
  readonly away: readonly number[];
  /** Clients that had to go without having been asked to. */
  readonly unasked: number;
  /** By how much a gateway passed its limit of new connections. */
  readonly excess: number;
  readonly mostInASecond: number;
}

const PATIENCE = 60_000;

/** Drains one gateway after the other under load and starts it again, as an upgrade does. */
export async function rollingRestart(load: RollingLoad): Promise<RollingReport> {
  const { members, rate, spread, acceptRate, acceptBurst, say } = load;
  const ledger = new Ledger();
  const variables = {
    DRAIN_SPREAD: `${spread}ms`,
    CONNECTIONS_ACCEPT_RATE: String(acceptRate),
    CONNECTIONS_ACCEPT_BURST: String(acceptBurst),
  };
  await using stand = await Stand.start({ variables });
  const { cluster } = stand;
  const topics = Math.ceil(members / 6);
  const arrivals = acceptRate * 2;
  const crowd = new Crowd({ url: cluster.ws, ledger, members, topics, each: 2, rate, arrivals });
  const accepts = new Accepts(cluster.gateways);
  await crowd.gather();
  say(`${members} clients are there`);
  crowd.talk();
  const codes: (number | null)[] = [];
  for (const gateway of cluster.gateways) {
    const start = performance.now();
    codes.push(await gateway.stop());
    await gateway.start();
    await until(() => cluster.pool.ready.length === cluster.gateways.length);
    await whole(crowd.members, ledger);
    say(`${gateway.name} is new after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  await crowd.rest();
  accepts.stop();
  const absences = crowd.members.flatMap((member) => member.absences);
  await crowd.leave();
  return {
    faults: ledger.faults,
    acknowledged: ledger.acknowledged,
    delivered: ledger.delivered,
    codes,
    waits: absences.map(({ asked, from, until: end }) => end - (asked ?? from)),
    away: absences.map(({ from, until: end }) => end - from),
    unasked: absences.filter(({ asked }) => asked === undefined).length,
    excess: accepts.excess(acceptRate, acceptBurst),
    mostInASecond: accepts.mostInASecond,
  };
}

async function whole(members: readonly Member[], ledger: Ledger): Promise<void> {
  const end = performance.now() + PATIENCE;
  await until(() => members.every(({ isWhole }) => isWhole) || performance.now() > end);
  for (const { name } of members.filter(({ isWhole }) => !isWhole))
    ledger.fault(`${name} was not back within ${PATIENCE} ms`);
}
