import type { Socket } from "bun";
import { encodePacket, MqttDecoder, type MqttPacket, type PublishPacket } from "@tidegate/protocol/mqtt";

interface Member {
  readonly decoder: MqttDecoder;
  hears: boolean;
}

/** An MQTT 3.1.1 broker of one topic that hands on what `change` makes of each publish; `number` counts them from 1. */
export function startMqttLiar(change: (publish: PublishPacket, number: number) => readonly PublishPacket[]): {
  readonly port: number;
  stop(): void;
} {
  const members = new Set<Socket<Member>>();
  let count = 0;
  const send = (socket: Socket<Member>, packet: MqttPacket): void => void socket.write(encodePacket(packet, 4));
  const take = (socket: Socket<Member>, packet: MqttPacket): void => {
    if (packet.type === "connect")
      send(socket, { type: "connack", sessionPresent: false, code: 0, properties: undefined });
    if (packet.type === "subscribe") {
      socket.data.hears = true;
      send(socket, { type: "suback", packetId: packet.packetId, codes: [1], properties: undefined });
    }
    if (packet.type !== "publish") return;
    count += 1;
    const { packetId } = packet;
    for (const each of change(packet, count))
      for (const member of members) if (member.data.hears) send(member, { ...each, packetId });
    if (packetId !== undefined) send(socket, { type: "puback", packetId, code: 0, properties: undefined });
  };
  const listener = Bun.listen<Member>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { decoder: new MqttDecoder({ maxPacketSize: 10_000, role: "server" }), hears: false };
        members.add(socket);
      },
      data: (socket, chunk) => socket.data.decoder.read(chunk, (packet) => take(socket, packet)),
      close: (socket) => void members.delete(socket),
    },
  });
  return { port: listener.port, stop: () => listener.stop(true) };
}
