import { expect, test } from "bun:test";
import type { PublishPacket } from "@tidegate/protocol/mqtt";
import { Progress } from "../bench/mqtt/progress.ts";
import { fanOut, type Quality } from "../bench/mqtt/shape.ts";
import { Traffic } from "../bench/mqtt/traffic.ts";
import { mqttDialect } from "../src/dialect/mqtt/dialect.ts";
import { startMqttLiar } from "./mqtt-liar.ts";

const SHORT = { warmUp: 0, seconds: 0.03 };

type Change = Parameters<typeof startMqttLiar>[0];

/** What a load of one publisher and three receivers says of a broker; counts what was delivered. */
async function verdict(qos: Quality, change: Change): Promise<number | string> {
  const liar = startMqttLiar(change);
  const target = { name: "liar", pid: process.pid, port: liar.port, hosts: ["127.0.0.1"], dialect: mqttDialect };
  const traffic = await Traffic.open(target, { shape: fanOut(3), qos, window: 4, payloadBytes: 100 });
  try {
    const { delivered, sent } = await traffic.saturate(SHORT);
    expect(delivered).toBeGreaterThan(sent);
    return delivered;
  } catch (error) {
    return (error as Error).message;
  } finally {
    traffic.close();
    liar.stop();
  }
}

test("LG1 LG2 an MQTT load passes a broker that delivers each message once, at both QoS", async () => {
  const honest: Change = (publish) => [publish];
  expect(await verdict(0, honest)).toBeNumber();
  expect(await verdict(1, honest)).toBeNumber();
});

test("LG1 LG3 an MQTT load fails a broker that loses or repeats a message, and names it", async () => {
  const loses: Change = (publish, number) => (number === 7 ? [] : [publish]);
  expect(await verdict(0, loses)).toContain("message 8 of publisher 0 came where 7 was due");
  const repeats: Change = (publish, number) => (number === 7 ? [publish, publish] : [publish]);
  expect(await verdict(1, repeats)).toContain("message 7 of publisher 0 came where 8 was due");
});

test("LG1 an MQTT load fails a broker that delivers at another QoS or with another payload", async () => {
  const lower: Change = (publish) => [{ ...publish, qos: 0 }];
  expect(await verdict(1, lower)).toContain("not what was published");
  const other: Change = (publish): PublishPacket[] => [{ ...publish, payload: publish.payload.slice(0, -1) }];
  expect(await verdict(0, other)).toContain("not what was published");
});

test("LG1 a message is through when all of its receivers have it", () => {
  const progress = new Progress(2, 3);
  expect([1, 2, 3, 1].map((number) => progress.note(number))).toEqual([false, false, false, true]);
  expect(progress.seen).toBe(1);
  expect([4, 2, 3, 4].map((number) => progress.note(number))).toEqual([false, true, true, true]);
  expect(progress.seen).toBe(4);
});
