import { expect, test } from "bun:test";
import { MqttTestClient, webSocket } from "../support/client.ts";
import { startMqtt } from "../support/node.ts";

const node = await startMqtt();

test("MC4 4.2-1 6.0.0-4 MQTT is spoken over TCP, and over WebSocket under the subprotocol mqtt", async () => {
  const [from, to] = [await node.join(), await MqttTestClient.open(webSocket(`${node.ws.replace("/ws", "/mqtt")}`))];
  await to.connect();
  expect((to.wire as unknown as { readonly socket: WebSocket }).socket.protocol).toBe("mqtt");
  await to.subscribe("web/a", { qos: 1 });
  await from.deliver("web/a", "x", { qos: 1 });
  expect(await to.texts(1)).toEqual(["x"]);
});

test("MC4 6.0.0-1 6.0.0-2 packets may be cut in any way, but a message that is not binary ends the connection", async () => {
  const client = await MqttTestClient.open(webSocket(node.ws));
  await client.connect();
  for (const byte of [0xc0, 0x00]) client.bytes(Uint8Array.of(byte));
  await client.take("pingresp");
  (client.wire as unknown as { readonly socket: WebSocket }).socket.send("text");
  expect(await client.farewell()).toBe(0x82);
});
