import { describe, expect, test } from "bun:test";
import { MqttTestClient, webSocket } from "./support/client.ts";
import { startMqtt } from "./support/node.ts";

describe("what a client hears at once, and not when it is too late", () => {
  test("M161 a will that would be refused when its time comes is refused at CONNECT", async () => {
    const env = { NAMESPACE_DEFAULTS_MAX_PAYLOAD: "1KB", NAMESPACE_DEFAULTS_RETAINED: "false" };
    const node = await startMqtt({
      env,
      change: (options) => ({
        ...options,
        strictNamespaces: true,
        namespaces: new Map([["known", options.namespaceDefaults]]),
      }),
    });
    const codeOf = async (will: {
      readonly topic: string;
      readonly payload?: Uint8Array;
      readonly retain?: boolean;
    }) => {
      const client = await node.open();
      const { code } = await client.connect({ will });
      if (code === 0) client.disconnect();
      await client.end();
      return code;
    };
    expect(await codeOf({ topic: "known/a", payload: Buffer.alloc(1024) })).toBe(0);
    expect(await codeOf({ topic: "known/a", payload: Buffer.alloc(1025) })).toBe(0x95);
    expect(await codeOf({ topic: "known/a", retain: true })).toBe(0x9a);
    expect(await codeOf({ topic: "unknown/a" })).toBe(0x87);
    const old = await node.open(4);
    old.sendConnect({ will: { topic: "known/a", retain: true } });
    while (!old.hasEnded) await old.change();
    expect(old.waiting.every((packet) => packet.type === "connack" && packet.code !== 0)).toBe(true);
  });

  test("M125 over WebSocket no packet is larger than a frame may be, and the client is told so", async () => {
    const node = await startMqtt({ env: { WEBSOCKET_MAX_FRAME: "2KB", MQTT_MAX_PACKET: "8KB" } });
    const tcp = await node.open();
    expect((await tcp.connect()).properties?.maximumPacketSize).toBe(8192);
    const client = await MqttTestClient.open(webSocket(`ws://127.0.0.1:${node.port}/mqtt`), 5);
    const { maximumPacketSize } = (await client.connect()).properties ?? {};
    expect(maximumPacketSize).toBe(2048);
    // Fixed header of 3 bytes, topic of 3, packet id of 2, no properties: 1.
    await client.deliver("a", Buffer.alloc(2048 - 9), { qos: 1 });
    await client.nothing();
    // One that is larger than the client was told, in two frames that are not.
    const bytes = Buffer.alloc(3000);
    bytes.set([0x30, 0xb0, 0x17, 0, 1, 0x61, 0]);
    client.bytes(bytes.subarray(0, 1500));
    expect(await client.farewell()).toBe(0x95);
  });
});
