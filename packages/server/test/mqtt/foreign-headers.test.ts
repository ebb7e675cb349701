import { expect, test } from "bun:test";
import { startMqtt } from "./support/node.ts";

test("M105 headers of other protocols that are no value of an MQTT property are left out", async () => {
  const node = await startMqtt();
  const reader = await node.join();
  await reader.subscribe("foreign", { qos: 1 });
  const publish = async (headers: Readonly<Record<string, string>>) => {
    const body = JSON.stringify({ topic: "foreign", text: "x", headers });
    const answer = await fetch(`${node.http}/v1/publish`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(answer.status).toBe(200);
    const { payloadFormatIndicator, correlationData, responseTopic } = (await reader.receive()).properties ?? {};
    return { payloadFormatIndicator, correlationData: correlationData && [...correlationData], responseTopic };
  };
  const none = { payloadFormatIndicator: undefined, correlationData: undefined, responseTopic: undefined };
  expect(
    await publish({
      "mqtt-payload-format": "7",
      "mqtt-correlation-data": "no base64url!",
      "mqtt-response-topic": "answer/+",
    }),
  ).toEqual(none);
  expect(
    await publish({ "mqtt-payload-format": "0", "mqtt-correlation-data": "AP8", "mqtt-response-topic": "answer" }),
  ).toEqual({ payloadFormatIndicator: 0, correlationData: [0, 255], responseTopic: "answer" });
  expect(await publish({ "mqtt-payload-format": "1", "mqtt-correlation-data": "" })).toEqual({
    ...none,
    payloadFormatIndicator: 1,
    correlationData: [],
  });
});
