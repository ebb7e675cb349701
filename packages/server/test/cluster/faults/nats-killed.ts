import { until } from "../../support/until.ts";
import { Crowd, topicOf } from "./crowd.ts";
import { percentile } from "./figures.ts";
import { HttpPublisher } from "./http-publisher.ts";
import { Ledger } from "./ledger.ts";
import { Stand } from "./stand.ts";

export interface NatsLoad {
  readonly rounds: number;
  readonly members: number;
  readonly rate: number;
  /** Milliseconds of load before each kill, and until NATS starts again. */
  readonly moment: () => number;
  readonly away: () => number;
  readonly say: (line: string) => void;
}

export interface NatsReport {
  readonly faults: readonly string[];
  readonly acknowledged: number;
  readonly delivered: number;
  /** Publishes over HTTP that were told to come again. */
  readonly refused: number;
  /** From the return of NATS until a client has, of each of its topics, a message that was stored after it; milliseconds. */
  readonly whole: readonly number[];
}

const PATIENCE = 30_000;

/** Kills NATS under load and starts it again with what it had stored. */
export async function killNats({ rounds, members, rate, moment, away, say }: NatsLoad): Promise<NatsReport> {
  const ledger = new Ledger();
  await using stand = await Stand.start();
  const { cluster } = stand;
  const topics = Math.ceil(members / 6);
  const crowd = new Crowd({ url: cluster.ws, ledger, members, topics, each: 2, rate });
  const publishers = Array.from(
    { length: topics },
    (_, n) => new HttpPublisher({ name: `h${n}`, topic: topicOf(n), ledger, urlOf: () => cluster.url }),
  );
  await crowd.gather();
  crowd.talk();
  for (const publisher of publishers) publisher.start();
  const whole: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    await Bun.sleep(moment());
    await cluster.nats.kill();
    await Bun.sleep(away());
    await cluster.nats.start();
    const times = await wholeAgain(crowd, publishers, ledger);
    whole.push(...times);
    say(
      `round ${round}: whole again, P99 ${percentile(times, 0.99).toFixed(0)} ms, at most ${Math.max(...times).toFixed(0)} ms`,
    );
  }
  for (const publisher of publishers) await publisher.finish();
  await crowd.rest();
  await crowd.leave();
  const refused = publishers.reduce((sum, publisher) => sum + publisher.refused, 0);
  return { faults: ledger.faults, acknowledged: ledger.acknowledged, delivered: ledger.delivered, refused, whole };
}

/**
 * Waits until every client has of each topic a message that was acknowledged after now, and with it all before. The time is that of
 * its last topic.
 */
async function wholeAgain(crowd: Crowd, publishers: readonly HttpPublisher[], ledger: Ledger): Promise<number[]> {
  const start = performance.now();
  const goals = new Map<string, number>();
  const times = new Map<string, number>();
  const noted = publishers.map((publisher) =>
    publisher.nextAck().then((offset) => void goals.set(publisher.topic, offset)),
  );
  await until(() => {
    for (const { name, readers } of crowd.members)
      if (!times.has(name) && readers.every(({ topic, newest }) => newest >= (goals.get(topic) ?? Infinity)))
        times.set(name, performance.now() - start);
    return times.size === crowd.members.length || performance.now() - start > PATIENCE;
  });
  if (times.size < crowd.members.length)
    ledger.fault(`${crowd.members.length - times.size} clients were not whole within ${PATIENCE} ms`);
  else await Promise.all(noted);
  return [...times.values()];
}
