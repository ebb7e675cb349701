import { expect, test } from "bun:test";
import { CrashPublisher } from "./crash/publisher.ts";
import { Rounds } from "./crash/rounds.ts";
import { CrashSubscriber } from "./crash/subscriber.ts";
import { JsonClient } from "./json-client.ts";
import { Random } from "../support/random.ts";
import { ServerProcess } from "./server-process.ts";

const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 20);
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

/** Acknowledged publishes within which a round is killed. */
const ACKS = 2_000;

test(`R50 ${ROUNDS} rounds of kill -9 under load lose nothing, double nothing and reorder nothing`, async () => {
  console.log(`crash test: ${ROUNDS} rounds, CRASH_SEED=${SEED}`);
  await using server = await ServerProcess.start({
    NAMESPACE_DEFAULTS_HISTORY_SIZE: "10000000",
    NAMESPACE_DEFAULTS_MESSAGE_ID_WINDOW: "1h",
    OBSERVE_LOG_LEVEL: "error",
  });
  const rounds = new Rounds(server, ACKS, new Random(SEED).next);
  const publishers = [0, 1, 2, 3].map((n) => new CrashPublisher(`p${n}`, `crash/${n % 3}`, rounds.acked));
  const subscribers = ["crash/#", "crash/0", "crash/1"].map((filter, n) => new CrashSubscriber(`s${n}`, filter));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const each of [...subscribers, ...publishers]) await each.connect(server.ws);
    await rounds.killAndRestart();
  }
  for (const each of [...subscribers, ...publishers]) await each.connect(server.ws);
  for (const publisher of publishers) await publisher.finish();
  const acked = new Map(publishers.flatMap((publisher) => [...publisher.acked]));
  for (const subscriber of subscribers) await subscriber.reach(lastOf(subscriber.filter, acked));
  expect([...publishers, ...subscribers].flatMap(({ faults }) => faults)).toEqual([]);
  const history = await historyOf(server.ws, ["crash/0", "crash/1", "crash/2"]);
  checkAcked(acked, history);
  checkOrder(history);
  for (const { filter, seen } of subscribers)
    for (const [topic, stored] of history)
      if (filter === "crash/#" || filter === topic) expect(seen.get(topic)).toEqual(stored.map(({ id }) => id));
  console.log(`crash test: ${acked.size} messages were acknowledged and are there once`);
}, 120_000);

interface Stored {
  readonly id: string;
  readonly offset: number;
}

type History = ReadonlyMap<string, readonly Stored[]>;

/** Each acknowledged message is in the history once, where its acknowledgement said, and nothing is at two places. */
function checkAcked(acked: ReadonlyMap<string, Stored | { readonly offset: number }>, history: History): void {
  const all = [...history.values()].flat();
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(new Set(all.map(({ offset }) => offset)).size).toBe(all.length);
  const places = new Map(all.map(({ id, offset }) => [id, offset]));
  const wrong = [...acked].filter(([id, { offset }]) => places.get(id) !== offset);
  expect(wrong).toEqual([]);
  expect(all.length).toBe(acked.size);
}

/** Offsets grow, and each publisher's messages are in its order. */
function checkOrder(history: History): void {
  for (const stored of history.values()) {
    const newest = new Map<string, number>();
    let before = 0;
    for (const { id, offset } of stored) {
      const [publisher = "", number = ""] = id.split("-");
      expect(offset).toBeGreaterThan(before);
      expect(Number(number)).toBe((newest.get(publisher) ?? 0) + 1);
      newest.set(publisher, Number(number));
      before = offset;
    }
  }
}

async function historyOf(url: string, topics: readonly string[]): Promise<History> {
  const client = await JsonClient.connect(url);
  const history = new Map<string, Stored[]>();
  for (const topic of topics) history.set(topic, await topicHistory(client, topic));
  client.close();
  return history;
}

async function topicHistory(client: JsonClient, topic: string): Promise<Stored[]> {
  const all: Stored[] = [];
  for (let epoch = "", more = true; more;) {
    const after = epoch === "" ? undefined : { epoch, offset: all.at(-1)?.offset ?? 0 };
    if (after === undefined)
      epoch = String(((await client.ask({ history: { topic, limit: 1 } }))["history"] as Page).epoch);
    const { history } = await client.ask({ history: { topic, after: after ?? { epoch, offset: 0 }, limit: 1000 } });
    const page = history as Page;
    expect(page.complete).toBe(true);
    all.push(...page.messages);
    more = page.more;
  }
  return all;
}

interface Page {
  readonly epoch: string;
  readonly messages: readonly Stored[];
  readonly more: boolean;
  readonly complete: boolean;
}

/** The newest acknowledged offset that the filter names. */
function lastOf(
  filter: string,
  acked: ReadonlyMap<string, { readonly topic: string; readonly offset: number }>,
): number {
  let last = 0;
  for (const { topic, offset } of acked.values())
    if (filter === "crash/#" || filter === topic) last = Math.max(last, offset);
  return last;
}
