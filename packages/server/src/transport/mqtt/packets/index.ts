import { encodePacket, type MqttPacket } from "@tidegate/protocol/mqtt";
import type { MqttClient } from "../client.ts";
import { REASON } from "../reasons.ts";
import { puback, pubcomp, pubrec } from "./acks.ts";
import { connect } from "./connect.ts";
import { disconnect } from "./disconnect.ts";
import { publish, pubrel } from "./publish.ts";
import { subscribe } from "./subscribe.ts";
import { unsubscribe } from "./unsubscribe.ts";

const PINGRESP = encodePacket({ type: "pingresp" }, 4);

/** Does what a packet of a client asks for. */
export function handle(client: MqttClient, packet: MqttPacket): void {
  if (client.phase === "new" && packet.type !== "connect")
    return client.close(REASON.protocolError, "the first packet must be CONNECT");
  switch (packet.type) {
    case "connect":
      if (client.phase === "new") return connect(client, packet);
      return client.close(REASON.protocolError, "CONNECT came twice");
    case "publish":
      return publish(client, packet);
    case "puback":
      return puback(client, packet);
    case "pubrec":
      return pubrec(client, packet);
    case "pubrel":
      return pubrel(client, packet);
    case "pubcomp":
      return pubcomp(client, packet);
    case "subscribe":
      return subscribe(client, packet);
    case "unsubscribe":
      return unsubscribe(client, packet);
    case "pingreq":
      return client.link.send(PINGRESP);
    case "disconnect":
      return disconnect(client, packet);
    case "auth":
      return client.close(REASON.protocolError, "AUTH without an authentication method");
    default:
      return client.close(REASON.protocolError, `a client does not send ${packet.type.toUpperCase()}`);
  }
}
