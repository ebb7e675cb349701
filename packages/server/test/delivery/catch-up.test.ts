import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Subscription } from "../../src/delivery/subscription.ts";
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

describe("a replay", () => {
  test("D20 goes page by page, as fast as the client takes them", async () => {
    const { stage, reader, follow } = await staged(900);
    reader.wire.buffered = 60_000;
    follow(0);
    await stage.settle();
    for (const length of [200, 400, 600]) {
      expect(reader.offsets.length).toBe(length);
      reader.session.drained();
      await stage.settle();
      // Half of the bound is not free: nothing comes.
      expect(reader.offsets.length).toBe(length);
      reader.wire.buffered = 50_000;
      reader.session.drained();
      reader.wire.buffered = 60_000;
      await stage.settle();
    }
    reader.wire.buffered = 0;
    reader.session.drained();
    await stage.settle();
    expect(reader.offsets).toEqual(numbers(1, 900));
  });

  test("D20 a page ends with its bytes", async () => {
    const { stage, reader, follow } = await staged(50, {}, "x".repeat(50_000));
    reader.wire.buffered = 60_000;
    follow(0);
    await stage.settle();
    expect(reader.offsets).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("D21 live messages that are too many to wait are read from the log in their turn", async () => {
    const { stage, reader, publish, follow } = await staged(300, { defaults: { history: { size: 1e6, age: 1e9 } } });
    reader.wire.buffered = 60_000;
    follow(0);
    await stage.settle();
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

  /** What may happen around a subscription, in any order. */
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("publish", "publish high", "publish elsewhere") },
    { weight: 3, arbitrary: fc.constantFrom("join", "leave", "resume", "window") },
    { weight: 2, arbitrary: fc.constantFrom("settle", "time", "stall", "drain") },
  );

  test("D1 whoever comes, goes and comes back at whatever moment gets each message once, in order", async () => {
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60, size: "max" }),
      fc.constantFrom(0, 20),
      async (steps, delay) => {
        const stage = new Stage({ defaults: { batch: { delay, messages: 3, bytes: 1e6 } } });
        const [robot, reader] = [await stage.connected(), await stage.connected()];
        let last = 0;
        let from = 0;
        let joined = false;
        const check = (): void => {
          const offsets = reader
            .takeAll()
            .flatMap((each) => (each.kind === "push" && each.push.kind === "message" ? [each.push.stored] : []));
          for (const { offset, previous } of offsets) {
            expect(offset).toBeGreaterThan(last);
            // The chain has no break: what came before it on the topic came, or was before the subscription.
            expect(previous === last || previous <= from).toBe(true);
            last = offset;
          }
        };
        const leave = async (): Promise<void> => {
          await stage.settle();
          reader.do({ unsubscribe: { topic } });
          joined = false;
          check();
        };
        const join = async (options: () => object): Promise<void> => {
          if (joined) await leave();
          const more = options();
          reader.do({ subscribe: { topic, ...more } });
          joined = true;
          if ("since" in more) return;
          check();
          from = stage.stream.dispatched;
        };
        for (const each of steps) {
          if (each === "publish") robot.do({ publish: { topic, data: 1 } });
          else if (each === "publish high") robot.do({ publish: { topic, data: 1, priority: "high" } });
          else if (each === "publish elsewhere") robot.do({ publish: { topic: "chat/b", data: 1 } });
          else if (each === "join") await join(() => ({}));
          else if (each === "window") await join(() => ({ window: 10_000 }));
          else if (each === "resume") await join(() => ({ since: { epoch: "e1", offset: Math.max(last, from) } }));
          else if (each === "leave" && joined) await leave();
          else if (each === "settle") await stage.settle();
          else if (each === "time") await stage.advance(20);
          else if (each === "stall") reader.wire.buffered = 60_000;
          else if (each === "drain") {
            reader.wire.buffered = 0;
            reader.session.drained();
          }
        }
        reader.wire.buffered = 0;
        reader.session.drained();
        await stage.advance(100);
        check();
        if (!joined) return;
        const { messages } = await stage.log.latest({ topic, limit: 1 });
        const newest = messages[0]?.offset ?? 0;
        expect(Math.max(last, from)).toBeGreaterThanOrEqual(newest);
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });
});
