import type { Stored } from "@tidegate/protocol";
import type { MqttClient } from "./client.ts";
import type { Cursor } from "./cursor.ts";
import type { Sender } from "./window.ts";

/**
 * Sends several messages at QoS 1 as one run of packets that is encoded once for all clients, but for packet ids. Whoever
 * calls has looked that nothing is special about client and subscription. False if they must go one by one.
 */
export function sendRun(client: MqttClient, sender: Sender, cursor: Cursor, messages: readonly Stored[]): boolean {
  const { retainAsPublished } = sender.options;
  const { bytes, packets } = client.context.encoders.atQosOne(client.version, retainAsPublished).run(messages);
  if (packets.length === 0) return true;
  // More than fits goes one by one, as it is read.
  if (!client.hasRoomFor(bytes.length)) return false;
  const copy = bytes.slice();
  const { epoch } = cursor.stream.log;
  for (const { offset, idAt } of packets) {
    if (idAt === 0) continue;
    const { packet } = client.window.take({ sender, cursor, epoch, offset, qos: 1, retained: false });
    copy[idAt] = packet >> 8;
    copy[idAt + 1] = packet & 0xff;
  }
  client.sendBehind(copy);
  return true;
}
