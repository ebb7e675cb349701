import { describe, expect, test } from "bun:test";
import { Stage, type StageSettings } from "./stage.ts";

const topic = "chat/a";

/** A client whose subscription has a window, on a stage with `stored` messages, and somebody who publishes more. */
async function windowed(window: number, stored = 0, more: object = {}, settings: StageSettings = {}) {
  const stage = new Stage(settings);
  const robot = await stage.connected();
  const publish = async (count: number, to = topic): Promise<void> => {
    for (let n = 0; n < count; n++) robot.do({ publish: { topic: to, data: n } });
    await stage.settle();
  };
  await publish(stored);
  const client = await stage.connected();
  client.do({ subscribe: { topic, window, ...more } });
  await stage.settle();
  const ack = async (offset: number): Promise<void> => {
    client.do({ ack: { topic, offset } });
    await stage.settle();
  };
  return { stage, client, publish, ack };
}

const fromStart = { since: { epoch: "e1", offset: 0 } };

describe("the window", () => {
  test("S50 bounds what is under way, live and replayed; each ack lets as many more come", async () => {
    const { client, publish, ack } = await windowed(3, 5, fromStart);
    expect(client.take()).toEqual(["2 subscribe", "message 1", "message 2", "message 3"]);
    await publish(2);
    await ack(1);
    expect(client.take()).toEqual(["3 ack", "message 4"]);
    await ack(4);
    expect(client.take()).toEqual(["4 ack", "message 5", "message 6", "message 7"]);
    await ack(7);
    await publish(2);
    expect(client.take()).toEqual(["5 ack", "message 8", "message 9"]);
  });

  test("S50 S51 an ack counts for all before it; one from the future counts for what was sent", async () => {
    const { client, publish, ack } = await windowed(4, 0);
    await publish(6);
    expect(client.offsets).toEqual([1, 2, 3, 4]);
    await ack(4_000_000);
    expect(client.offsets).toEqual([1, 2, 3, 4, 5, 6]);
    await ack(2);
    await publish(3);
    // 5 and 6 are still under way: an older ack takes nothing back.
    expect(client.offsets).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("S50 a live message during a read is neither lost nor given twice", async () => {
    const { stage, client, publish, ack } = await windowed(10);
    await publish(3);
    await ack(3);
    const open = stage.log.holdReads();
    await publish(12);
    await publish(2);
    expect(client.offsets).toEqual([1, 2, 3]);
    open();
    await stage.settle();
    expect(client.offsets).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    await ack(13);
    expect(client.offsets.slice(13)).toEqual([14, 15, 16, 17]);
  });

  test("S52 ack without a window, or without a subscription, is refused", async () => {
    const client = await new Stage().connected();
    client.do({ subscribe: { topic } }, { ack: { topic, offset: 1 } }, { ack: { topic: "chat/b", offset: 1 } });
    expect(client.take()).toEqual(["2 subscribe", "3 error invalid_argument", "4 error not_subscribed"]);
  });
});

describe("redelivery", () => {
  test("S53 what is not acknowledged in time comes again, marked, until it is", async () => {
    const { stage, client, publish, ack } = await windowed(5);
    await publish(3);
    await stage.advance(29_999);
    expect(client.take()).toEqual(["2 subscribe", "message 1", "message 2", "message 3"]);
    await stage.advance(1);
    expect(client.take()).toEqual(["message 1 again", "message 2 again", "message 3 again"]);
    await ack(2);
    await stage.advance(30_000);
    expect(client.take()).toEqual(["3 ack", "message 3 again"]);
    await ack(3);
    await stage.advance(300_000);
    expect(client.take()).toEqual(["4 ack"]);
    expect(stage.clock.timers).toBe(0);
  });

  test("S53 wide windows come again page by page, at the client's pace", async () => {
    const { stage, client, publish, ack } = await windowed(1000);
    await publish(450);
    client.takeAll();
    client.wire.buffered = 90_000;
    await stage.advance(30_000);
    expect(client.take().length).toBe(200);
    client.wire.buffered = 0;
    client.session.drained();
    await stage.settle();
    const rest = client.take();
    expect([rest[0], rest.at(-1), rest.length]).toEqual(["message 201 again", "message 450 again", 250]);
    await ack(450);
    await publish(1);
    expect(client.take()).toEqual(["3 ack", "message 451"]);
  });

  test("S54 what retention removed makes room and does not stop the rest", async () => {
    const settings = { defaults: { history: { size: 3, age: 1e9 } } };
    const { stage, client, publish, ack } = await windowed(2, 0, {}, settings);
    await publish(2);
    await publish(10);
    expect(client.offsets).toEqual([1, 2]);
    client.takeAll();
    await stage.advance(30_000);
    expect(client.take()).toEqual(["gap 2-9", "message 10", "message 11"]);
    await ack(11);
    expect(client.take()).toEqual(["3 ack", "message 12"]);
  });

  test("S54 of a filter the page in which messages are missing is passed over, and told", async () => {
    const stage = new Stage({ defaults: { history: { size: 3, age: 1e9 } } });
    const client = await stage.connected();
    client.do({ subscribe: { topic: "chat/+", window: 2 } });
    const publish = async (to: string, count: number): Promise<void> => {
      for (let n = 0; n < count; n++) client.do({ publish: { topic: to, data: n } });
      await stage.settle();
    };
    await publish("chat/b", 2);
    await publish("chat/a", 10);
    client.do({ ack: { topic: "chat/+", offset: 2 } });
    await stage.settle();
    const gap = client.pushes("gap")[0];
    expect(gap).toMatchObject({ topic: "chat/+", after: 2 });
    const after = client.offsets.slice(2);
    expect(after.every((offset) => offset > (gap?.to ?? 0))).toBe(true);
    client.do({ ack: { topic: "chat/+", offset: 100 } });
    await publish("chat/c", 1);
    expect(client.offsets.at(-1)).toBe(13);
  });

  test("S55 a subscription that ended has no timer and reads no more", async () => {
    const { stage, client, publish } = await windowed(5);
    await publish(3);
    client.do({ unsubscribe: { topic } });
    await stage.advance(60_000);
    expect(client.pushes("message").some(({ redelivered }) => redelivered)).toBe(false);
    expect([stage.clock.timers, stage.hub.groups]).toEqual([0, 0]);
  });
});
