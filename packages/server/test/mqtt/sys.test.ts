import { expect, test } from "bun:test";
import { Payload } from "@tidegate/protocol";
import { SysTopics } from "../../src/transport/mqtt/sys.ts";
import { MemoryLog } from "../../src/adapters/memory/log.ts";
import { Appender } from "../../src/log/appender.ts";
import type { Stream } from "../../src/log/stream.ts";
import { startNode } from "../gateway/node.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { until } from "../support/until.ts";

const JSON_TYPE = { "content-type": "application/json" } as const;

interface Page {
  readonly messages: readonly { readonly topic: string; readonly text?: string }[];
}

async function history(http: string, topic: string): Promise<Page> {
  const answer = await fetch(`${http}/v1/history?topic=${encodeURIComponent(topic)}`);
  return (await answer.json()) as Page;
}

test("SY1 SY4 the broker's figures are there for clients of HTTP too, and only the server publishes them", async () => {
  const { http, gateway } = await startNode({ env: { MQTT_PORT: "0" } });
  const stream = gateway.services.streamOf("$SYS");
  await until(() => stream.log.head() > 0);
  const { messages } = await history(http, "$SYS/broker/version");
  expect(messages.map(({ text }) => text)).toEqual(["tidegate version 0.0.0"]);
  const body = JSON.stringify({ topic: "$SYS/broker/version", data: 1 });
  const refused = await fetch(`${http}/v1/publish`, { method: "POST", body, headers: JSON_TYPE });
  expect(refused.status).toBe(403);
});

test("SY2 SY3 figures take no offsets of a namespace, and no filter with a wildcard first finds them", async () => {
  const { http, gateway } = await startNode({ env: { MQTT_PORT: "0" } });
  const own = gateway.services.streamOf("$SYS");
  await until(() => own.log.head() > 0);
  const body = JSON.stringify({ topic: "chat/room", data: 1 });
  const answer = await fetch(`${http}/v1/publish`, { method: "POST", body, headers: JSON_TYPE });
  expect(((await answer.json()) as { offset: number }).offset).toBe(1);
  expect(await own.log.retained("#", 100)).toEqual([]);
  expect((await own.log.retained("$SYS/#", 100)).length).toBeGreaterThan(5);
});

test("SY5 an interval of 0 publishes nothing", async () => {
  const { gateway } = await startNode({ env: { MQTT_PORT: "0", MQTT_SYS_INTERVAL: "0" } });
  const { appender, log } = gateway.services.streamOf("$SYS");
  const rest = {
    id: undefined,
    from: undefined,
    headers: undefined,
    priority: 1,
    retain: false,
    origin: "server",
  } as const;
  const done = Promise.withResolvers<void>();
  const answer = { published: () => done.resolve(), refused: () => done.reject(new Error("refused")) };
  appender.submit({ topic: "$SYS/probe", payload: Payload.text("x"), time: 0, ...rest }, 1, answer, undefined);
  await done.promise;
  expect(log.head()).toBe(1);
});

test("SY1 a figure is published again when it has changed, and in its time", async () => {
  const clock = new FakeClock();
  const retention = () => ({ size: 100, age: 3_600_000, idWindow: 0 });
  const log = new MemoryLog({ clock, epoch: "e", retention, maxBytes: 1 << 20 });
  const settings = { commitDelay: 0, commitMessages: 100, queueMessages: 1000, queueBytes: 1 << 20 };
  const stream: Stream = { log, appender: new Appender(log, clock, settings, () => {}), dispatched: 0, received: 0 };
  let connected = 1;
  const services = { clock, streamOf: () => stream, logger: { warn: () => {} } as never };
  const sys = new SysTopics({ services, interval: 1000, figures: () => Promise.resolve({ version: "v", connected }) });
  const seen = async (): Promise<readonly string[]> => {
    // The figures are read, then stored at the end of the turn.
    for (let i = 0; i < 5; i++) {
      await Promise.resolve();
      clock.advance(0);
    }
    await stream.appender.settled();
    return (await log.read({ filter: "$SYS/#", after: 0, limit: 100 })).messages.map(
      ({ message }) => `${message.topic.slice("$SYS/broker/".length)} ${message.payload.text}`,
    );
  };
  expect(await seen()).toEqual(["version v", "connected 1"]);
  clock.advance(1000);
  expect(await seen()).toEqual(["version v", "connected 1"]);
  connected = 2;
  clock.advance(999);
  expect(await seen()).toEqual(["version v", "connected 1"]);
  clock.advance(1);
  expect(await seen()).toEqual(["version v", "connected 1", "connected 2"]);
  sys.stop();
  connected = 3;
  clock.advance(5000);
  expect(await seen()).toHaveLength(3);
});
