import { expect, test } from "bun:test";
import { until } from "../support/until.ts";
import type { MqttTestClient } from "./support/client.ts";
import { startMqtt } from "./support/node.ts";

interface Who {
  readonly count: number;
  readonly members: readonly { readonly user: string; readonly info?: unknown }[];
}

async function presence(http: string, topic: string): Promise<Who> {
  return (await (await fetch(`${http}/v1/presence?topic=${topic}`)).json()) as Who;
}

async function subscribeAs(client: MqttTestClient, filter: string, info: string): Promise<readonly number[]> {
  const wanted = { filter, qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 2 } as const;
  const properties = { userProperties: [["presence", info]] as const };
  client.send({ type: "subscribe", packetId: client.nextId, subscriptions: [wanted], properties });
  return (await client.take("suback")).codes;
}

test("P30 an MQTT client that asks for it is a member of the topic, seen by clients of every protocol", async () => {
  const { http, join } = await startMqtt({ env: { NAMESPACE_DEFAULTS_PRESENCE_GRACE: "0" } });
  const [shown, plain, silent] = [await join(), await join(), await join()];
  expect(await subscribeAs(shown, "chat/room", '{"name":"Ada"}')).toEqual([0]);
  await subscribeAs(plain, "chat/room", "");
  await silent.subscribe("chat/room");
  const before = await presence(http, "chat/room");
  expect(before.count).toBe(2);
  expect(before.members.map(({ info }) => info)).toContainEqual({ name: "Ada" });
  await shown.unsubscribe("chat/room");
  expect((await presence(http, "chat/room")).count).toBe(1);
  plain.disconnect();
  await plain.end();
  expect((await presence(http, "chat/room")).count).toBe(0);
});

test("P30 a text that is no JSON is shown as a text; a filter with a wildcard has no members", async () => {
  const { http, join } = await startMqtt();
  const client = await join();
  await subscribeAs(client, "chat/room", "Ada");
  expect((await presence(http, "chat/room")).members.map(({ info }) => info)).toEqual(["Ada"]);
  expect(await subscribeAs(client, "chat/+", "Ada")).toEqual([0]);
  expect((await presence(http, "chat/room")).count).toBe(1);
});

test("P4 P30 who sends DISCONNECT leaves at once, and whose connection is lost when the grace time is over", async () => {
  const { gateway, http, join } = await startMqtt({ env: { NAMESPACE_DEFAULTS_PRESENCE_GRACE: "1h" } });
  const [polite, lost] = [await join(), await join()];
  for (const client of [polite, lost]) await subscribeAs(client, "chat/room", "");
  expect((await presence(http, "chat/room")).count).toBe(2);
  polite.disconnect();
  lost.cut();
  await until(() => gateway.services.sessions.size === 0);
  expect((await presence(http, "chat/room")).count).toBe(1);
});
