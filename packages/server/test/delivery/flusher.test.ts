import { describe, expect, test } from "bun:test";
import { CODECS } from "@tidegate/protocol";
import type { SessionCodec } from "../../src/session/session.ts";
import { Session } from "../../src/session/session.ts";
import { Subscription } from "../../src/delivery/subscription.ts";
import { WEBSOCKET_CODECS } from "../../src/transport/websocket/codecs.ts";
import { Stage, type StageSettings } from "../session/stage.ts";
import { Wire } from "../session/wire.ts";

const topic = "chat/a";

/** A stage with a publisher and one subscriber. `take` gives the offsets that came since the last call, by frame. */
async function staged(settings: StageSettings = {}) {
  const stage = new Stage(settings);
  const robot = await stage.connected();
  const reader = await stage.connected();
  reader.do({ subscribe: { topic } });
  let seen = reader.wire.frames.length;
  const take = (): readonly number[][] => {
    const frames = reader.wire.frames.slice(seen);
    seen += frames.length;
    return frames.map((frame) =>
      CODECS["tidegate.v1.json"]
        .decodeServer(frame)
        .flatMap((each) => (each.kind === "push" && each.push.kind === "message" ? [each.push.stored.offset] : [])),
    );
  };
  const publish = async (count = 1, more: object = {}): Promise<void> => {
    for (let n = 0; n < count; n++) robot.do({ publish: { topic, data: n, ...more } });
    await stage.settle();
  };
  return { stage, robot, reader, take, publish };
}

const batch = (delay: number, messages: number, bytes: number) => ({ defaults: { batch: { delay, messages, bytes } } });

describe("batching", () => {
  test("D10 when it is quiet messages leave in the turn that stored them, together", async () => {
    const { take, publish } = await staged();
    await publish();
    expect(take()).toEqual([[1]]);
    await publish(3);
    expect(take()).toEqual([[2, 3, 4]]);
  });

  test("D11 with batch.delay they wait for one another, and no longer", async () => {
    const { stage, take, publish } = await staged(batch(50, 1000, 1_000_000));
    await publish();
    await stage.advance(30);
    await publish(2);
    expect(take()).toEqual([]);
    await stage.advance(19);
    expect(take()).toEqual([]);
    await stage.advance(1);
    expect(take()).toEqual([[1, 2, 3]]);
    await publish();
    await stage.advance(49);
    expect(take()).toEqual([]);
    await stage.advance(1);
    expect(take()).toEqual([[4]]);
  });

  test("D12 so many messages go at once, whatever the delay", async () => {
    const { stage, take, publish } = await staged(batch(1000, 3, 1_000_000));
    await publish(2);
    expect(take()).toEqual([]);
    await publish(1);
    expect(take()).toEqual([[1, 2, 3]]);
    await publish();
    await stage.advance(1000);
    expect(take()).toEqual([[4]]);
  });

  test("D12 so many bytes do, too", async () => {
    const { take, publish } = await staged(batch(1000, 1000, 5_000));
    await publish(1, { text: "x".repeat(2_000), data: undefined });
    expect(take()).toEqual([]);
    await publish(1, { text: "x".repeat(2_600), data: undefined });
    expect(take()).toEqual([[1, 2]]);
  });

  test("D13 high priority goes at once, and takes along what waits", async () => {
    const { take, publish } = await staged(batch(1000, 1000, 1_000_000));
    await publish(2);
    expect(take()).toEqual([]);
    await publish(1, { priority: "high" });
    expect(take()).toEqual([[1, 2, 3]]);
  });

  test("D11 D12 one timer is left behind by a batch that was full before its time, and it does no harm", async () => {
    const { stage, take, publish } = await staged(batch(100, 2, 1_000_000));
    await publish(1);
    await stage.advance(60);
    await publish(1);
    expect(take()).toEqual([[1, 2]]);
    await publish(1);
    await stage.advance(200);
    expect(take()).toEqual([[3]]);
    expect(stage.clock.timers).toBe(0);
  });
});

describe("when it is busy", () => {
  /** 600 writes cost 3 ms. */
  async function crowded() {
    const all = await staged({ maxDelay: 2 });
    for (let n = 0; n < 600; n++) (await all.stage.connected()).do({ subscribe: { topic } });
    return all;
  }

  test("D14 a flush is followed by a pause of its cost, at most delivery.maxDelay, in which messages gather", async () => {
    const { stage, take, publish } = await crowded();
    await publish();
    expect(take()).toEqual([[1]]);
    await publish();
    await publish(2);
    expect(take()).toEqual([]);
    await stage.advance(1);
    expect(take()).toEqual([]);
    await stage.advance(1);
    expect(take()).toEqual([[2, 3, 4]]);
    await stage.advance(10);
    await publish();
    expect(take()).toEqual([[5]]);
    await stage.advance(10);
    expect(stage.clock.timers).toBe(0);
  });

  test("D13 D14 high priority does not wait for the pause", async () => {
    const { take, publish } = await crowded();
    await publish();
    await publish();
    expect(take()).toEqual([[1]]);
    await publish(1, { priority: "high" });
    expect(take()).toEqual([[2, 3]]);
  });

  test("D13 of several topics the one with high priority is served first", async () => {
    const { robot, reader, stage, publish } = await crowded();
    reader.do({ subscribe: { topic: "chat/b" } });
    await publish();
    await publish();
    robot.do({ publish: { topic: "chat/b", data: 1, priority: "high" } });
    await stage.settle();
    const order = reader.pushes("message").map(({ stored }) => stored.message.topic);
    expect(order).toEqual([topic, "chat/b", topic]);
  });

  test("D15 deliveries, writes and the longest delay are counted", async () => {
    const { stage, publish } = await staged(batch(40, 1000, 1_000_000));
    (await stage.connected()).do({ subscribe: { topic } });
    await publish(3);
    await stage.advance(40);
    expect(stage.flusher.counters).toEqual({ deliveries: 6, writes: 2, slowest: 40 });
  });
});

describe("encoding", () => {
  test("D5 a batch is encoded once for each kind of receiver, however many there are", async () => {
    const stage = new Stage();
    const calls = new Map<string, number>();
    const counted = (name: string, group: string | undefined): SessionCodec => {
      const inner = WEBSOCKET_CODECS.get(name) as SessionCodec;
      const message: SessionCodec["message"] = (...all) => {
        calls.set(`${name} ${group}`, (calls.get(`${name} ${group}`) ?? 0) + 1);
        return inner.message(...all);
      };
      return { ...inner, group, message };
    };
    const kinds = [
      counted("tidegate.v1.json", "j:"),
      counted("tidegate.v1.proto", "p:"),
      counted("tidegate.v1.json", undefined),
    ];
    const wires = Array.from({ length: 999 }, (_, n) => {
      const wire = new Wire(stage.net);
      const session = new Session(wire, kinds[n % 3] as SessionCodec, stage.services, "");
      new Subscription(stage.hub, session, topic).goLive();
      return wire;
    });
    const robot = await stage.connected();
    robot.do({ publish: { topic, data: 1 } }, { publish: { topic, data: 2 } });
    await stage.settle();
    expect([...calls.values()]).toEqual([2, 2, 2]);
    expect(stage.net.published).toBe(2);
    expect(wires.every(({ frames }) => frames.length === 1)).toBe(true);
    expect(stage.flusher.counters.deliveries).toBe(1998);
  });
});
