import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Subscription } from "../../src/delivery/subscription.ts";
import { Follower, STEPS } from "./follower.ts";
import { Stage, type StageSettings } from "../session/stage.ts";

const topic = "chat/a";
const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);

async function staged(stored: number, settings: StageSettings = {}, text = "x") {
  const stage = new Stage({ appender: { queueBytes: 1e9, queueMessages: 100_000 }, ...settings });
  const robot = await stage.connected();
  const publish = async (count: number, to = topic): Promise<void> => {
    for (let n = 0; n < count; n++) robot.do({ publish: { topic: to, text } });
    await stage.settle();
  };
  await publish(stored);
  const reader = await stage.connected();
  const follow = (offset: number): number => reader.do({ subscribe: { topic, since: { epoch: "e1", offset } } });
  return { stage, reader, publish, follow };
}

/** There is room, and no more after the page that it is used for. */
async function onePage(stage: Stage, reader: Awaited<ReturnType<Stage["connected"]>>): Promise<void> {
  reader.wire.buffered = 50_000;
  reader.session.drained();
  reader.wire.buffered = 60_000;
  await stage.settle();
}

describe("a replay", () => {
  test("D20 goes page by page, as fast as the client takes them", async () => {
    const { stage, reader, follow } = await staged(900);
    reader.wire.buffered = 60_000;
    follow(0);
    await stage.settle();
    for (const length of [0, 200, 400]) {
      expect(reader.offsets.length).toBe(length);
      reader.session.drained();
      await stage.settle();
      // Half of the bound is not free: nothing comes.
      expect(reader.offsets.length).toBe(length);
      await onePage(stage, reader);
    }
    reader.wire.buffered = 0;
    reader.session.drained();
    await stage.settle();
    expect(reader.offsets).toEqual(numbers(1, 900));
  });

  test("D20 replays of one client take turns, and stop where there is no more room", async () => {
    const { stage, reader, publish } = await staged(0);
    const topics = ["chat/a", "chat/b", "chat/c"];
    for (const each of topics) await publish(10, each);
    reader.wire.buffered = 60_000;
    for (const each of topics) reader.do({ subscribe: { topic: each, since: { epoch: "e1", offset: 0 } } });
    await stage.settle();
    for (const length of [0, 10, 20]) {
      expect(reader.offsets.length).toBe(length);
      await onePage(stage, reader);
    }
    expect(reader.offsets.length).toBe(30);
  });

  test("D20 a page ends with its bytes", async () => {
    const { stage, reader, follow } = await staged(50, {}, "x".repeat(50_000));
    reader.wire.buffered = 60_000;
    follow(0);
    await stage.settle();
    await onePage(stage, reader);
    expect(reader.offsets).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("D21 live messages that are too many to wait are read from the log in their turn", async () => {
    const { stage, reader, publish, follow } = await staged(300, { defaults: { history: { size: 1e6, age: 1e9 } } });
    reader.wire.buffered = 60_000;
    follow(0);
    await stage.settle();
    await onePage(stage, reader);
    for (let n = 0; n < 4; n++) await publish(600);
    expect(reader.offsets.length).toBe(200);
    reader.wire.buffered = 0;
    reader.session.drained();
    await stage.settle();
    await publish(5);
    expect(reader.offsets).toEqual(numbers(1, 2705));
  });

  test("D22 messages that retention removes before they are sent are told as a gap", async () => {
    const { stage, reader, publish, follow } = await staged(400, { defaults: { history: { size: 500, age: 1e9 } } });
    reader.wire.buffered = 60_000;
    follow(0);
    await stage.settle();
    await onePage(stage, reader);
    await publish(500);
    reader.wire.buffered = 0;
    reader.session.drained();
    await stage.settle();
    await publish(2);
    const [gap] = reader.pushes("gap");
    expect(gap).toEqual({ kind: "gap", topic, after: 200, to: 900 });
    expect(reader.offsets).toEqual([...numbers(1, 200), 901, 902]);
  });
});

describe("joining", () => {
  test("D1 a log whose reads are ahead of its tail gives nothing twice", async () => {
    const { stage, reader, publish } = await staged(2);
    const subscription = new Subscription(stage.hub, reader.session, topic);
    // History was read up to 4, and the tail has not come to 3 yet.
    subscription.goLive(4);
    await publish(3);
    await publish(1);
    expect(reader.offsets).toEqual([5, 6]);
    expect(subscription.mode.kind).toBe("native");
    subscription.end();
  });

  test("D1 whoever comes, goes and comes back at whatever moment gets each message once, in order", async () => {
    const steps = fc.array(fc.constantFrom(...STEPS), { minLength: 5, maxLength: 60, size: "max" });
    const property = fc.asyncProperty(steps, fc.constantFrom(0, 20), async (all, delay) => {
      const stage = new Stage({ defaults: { batch: { delay, messages: 3, bytes: 1e6 } } });
      const follower = new Follower(stage, await stage.connected(), await stage.connected());
      for (const step of all) await follower.take(step);
      await follower.finish();
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
