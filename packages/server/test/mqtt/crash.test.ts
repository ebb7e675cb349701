import { expect, test } from "bun:test";
import { Rounds } from "../e2e/crash/rounds.ts";
import { ServerProcess } from "../e2e/server-process.ts";
import { freePort } from "../support/free-port.ts";
import { CrashPublisher } from "./crash/publisher.ts";
import { CrashSubscriber } from "./crash/subscriber.ts";

const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 20);

/** Acknowledged publishes within which a round is killed. */
const ACKS = 500;

test(`M140 ${ROUNDS} rounds of kill -9: QoS 1 loses nothing, QoS 2 comes exactly once, in order`, async () => {
  const port = freePort();
  await using server = await ServerProcess.start({
    MQTT_PORT: String(port),
    MQTT_REQUIRED: "true",
    MQTT_SYS_INTERVAL: "0",
    NAMESPACE_DEFAULTS_HISTORY_SIZE: "10000000",
    NAMESPACE_DEFAULTS_MESSAGE_ID_WINDOW: "1h",
    OBSERVE_LOG_LEVEL: "error",
  });
  const rounds = new Rounds(server, ACKS, Math.random);
  const publisher = (id: string, version: 4 | 5, qos: 1 | 2, topic: string): CrashPublisher =>
    new CrashPublisher(id, { version, qos, topic, acked: rounds.acked });
  const publishers = [
    publisher("a", 4, 1, "crash/0"),
    publisher("b", 5, 2, "crash/0"),
    publisher("c", 5, 1, "crash/1"),
    publisher("d", 4, 2, "crash/1"),
  ];
  const subscribers = [
    new CrashSubscriber("one", 5, { "crash/#": 1 }),
    new CrashSubscriber("two", 4, { "crash/#": 2 }),
    new CrashSubscriber("overlapping", 5, { "crash/#": 1, "crash/+": 2, "crash/1": 2 }),
  ];
  for (const subscriber of subscribers) {
    const granted = subscriber.granted();
    await subscriber.connect(port);
    await granted;
  }
  for (const each of publishers) await each.connect(port);
  for (let round = 1; round <= ROUNDS; round++) {
    await rounds.killAndRestart();
    for (const each of [...subscribers, ...publishers]) await each.connect(port);
  }
  for (const each of publishers) await each.finish();
  for (const subscriber of subscribers)
    for (const { id, published } of publishers) await subscriber.reach(id, published);
  expect([...publishers, ...subscribers].flatMap(({ faults }) => faults)).toEqual([]);
  for (const { id, seen } of subscribers)
    for (const { id: from, qos, published } of publishers) {
      const numbers = seen.get(from) ?? [];
      // At QoS 1 a message may come again; without those every one is there, and in its order.
      const isExact = qos === 2 && id !== "one";
      check(`${id} of ${from}`, isExact ? numbers : [...new Set(numbers)], published);
    }
  console.log(`crash test: ${publishers.reduce((sum, { acknowledged }) => sum + acknowledged, 0)} messages`);
}, 120_000);

/** The numbers are 1 to `last`, each once, in this order. */
function check(what: string, numbers: readonly number[], last: number): void {
  const wrong = numbers.findIndex((number, index) => number !== index + 1);
  expect([what, wrong < 0 ? [] : numbers.slice(Math.max(0, wrong - 3), wrong + 5)]).toEqual([what, []]);
  expect([what, numbers.length]).toEqual([what, last]);
}
