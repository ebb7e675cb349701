import { describe, expect, test } from "bun:test";
import { CLOSES } from "@tidegate/protocol";
import { inspect } from "../../src/session/sweeper.ts";
import { Stage, type StageSettings } from "../session/stage.ts";
import type { Client } from "../session/client.ts";

const topic = "chat/a";
const SKIP = { defaults: { slowConsumer: "skip" } } as const;
const FULL = 200_000;

async function staged(settings: StageSettings, filter = topic) {
  const stage = new Stage(settings);
  const [robot, reader] = [await stage.connected(), await stage.connected()];
  reader.do({ subscribe: { topic: filter } });
  const publish = async (count: number, to = topic): Promise<void> => {
    for (let n = 0; n < count; n++) robot.do({ publish: { topic: to, data: n } });
    await stage.settle();
  };
  return { stage, reader, publish };
}

/** The client takes nothing any more, and the sweeper comes by. */
function stall(stage: Stage, client: Client): void {
  client.wire.buffered = FULL;
  inspect(client.session, stage.clock.now());
}

function recover(client: Client): void {
  client.wire.buffered = 0;
  client.session.drained();
}

describe("a client that does not take its messages", () => {
  test("D30 is closed with 4501 where its namespaces say close", async () => {
    const { stage, reader } = await staged({});
    stall(stage, reader);
    expect(reader.wire.closed?.code).toBe(CLOSES.slow_consumer.code);
    expect(stage.services.counters.closes.get("slow_consumer")).toBe(1);
  });

  test("D30 is closed if only one of its namespaces says so, or if it has no subscription at all", async () => {
    const { stage, reader } = await staged({ namespaces: { chat: { slowConsumer: "skip" } } });
    reader.do({ subscribe: { topic: "strict/a" } });
    stall(stage, reader);
    expect(reader.wire.closed?.code).toBe(CLOSES.slow_consumer.code);
    const idle = await stage.connected();
    stall(stage, idle);
    expect(idle.wire.closed?.code).toBe(CLOSES.slow_consumer.code);
  });

  test("D31 is passed by where they say skip, and told of the gap when it takes messages again", async () => {
    const { stage, reader, publish } = await staged(SKIP);
    await publish(2);
    stall(stage, reader);
    stall(stage, reader);
    expect(stage.services.counters.lagged).toBe(1);
    await publish(3);
    expect(reader.offsets).toEqual([1, 2]);
    recover(reader);
    await publish(1);
    expect(reader.take().slice(1)).toEqual(["message 1", "message 2", "gap 2-5", "message 6"]);
    stall(stage, reader);
    await publish(1);
    recover(reader);
    expect(reader.take()).toEqual(["gap 6-7"]);
    expect(stage.services.counters.lagged).toBe(2);
  });

  test("D31 has no gap if nothing came meanwhile", async () => {
    const { stage, reader, publish } = await staged(SKIP);
    await publish(2);
    stall(stage, reader);
    await publish(2, "chat/b");
    recover(reader);
    await publish(1);
    expect(reader.take().slice(1)).toEqual(["message 1", "message 2", "message 5"]);
  });

  test("D31 is told of it over several namespaces, too, whose offsets do not compare", async () => {
    const { stage, reader, publish } = await staged(SKIP, "+/a");
    await publish(5);
    stall(stage, reader);
    await publish(1, "other/a");
    recover(reader);
    await publish(1);
    expect(reader.take().slice(-2)).toEqual(["gap 0-1", "message 6"]);
  });

  test("D31 what was on its way when it fell behind still belongs to it", async () => {
    const settings = { defaults: { slowConsumer: "skip", batch: { delay: 50, messages: 100, bytes: 1e6 } } } as const;
    const { stage, reader, publish } = await staged(settings);
    await publish(2);
    stall(stage, reader);
    await publish(2);
    recover(reader);
    await publish(1);
    await stage.advance(50);
    expect(reader.take().slice(1)).toEqual(["message 1", "message 2", "gap 2-4", "message 5"]);
  });

  test("D32 history and acknowledged messages wait for it, and are not skipped", async () => {
    const { stage, publish } = await staged(SKIP);
    await publish(450);
    const reader = await stage.connected();
    reader.do({ subscribe: { topic, since: { epoch: "e1", offset: 0 } } });
    reader.do({ subscribe: { topic: "chat/+", window: 1000 } });
    reader.wire.buffered = FULL;
    await stage.settle();
    inspect(reader.session, stage.clock.now());
    await publish(10);
    recover(reader);
    await stage.settle();
    const all = (filter: string | undefined) =>
      reader
        .pushes("message")
        .filter((push) => push.filter === filter)
        .map(({ stored }) => stored.offset);
    expect(all(undefined)).toEqual(Array.from({ length: 460 }, (_, n) => n + 1));
    expect(all("chat/+")).toEqual(Array.from({ length: 10 }, (_, n) => n + 451));
    expect(reader.pushes("gap")).toEqual([]);
  });
});
