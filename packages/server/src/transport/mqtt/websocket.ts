import type { ServerWebSocket } from "bun";
import { type Receiver, type SocketData, Upgraded } from "../websocket/handler.ts";
import { MqttClient } from "./client.ts";
import type { MqttContext } from "./context.ts";
import { REASON } from "./reasons.ts";
import { WebSocketLink } from "./websocket-link.ts";

/** Most clients put a packet into one frame: they are told to send none that is larger than a frame may be. */
export function overWebSocket(context: MqttContext, maxFrame: number): MqttContext {
  const { settings } = context;
  return { ...context, settings: { ...settings, maxPacket: Math.min(settings.maxPacket, maxFrame) } };
}

/** A WebSocket that will carry MQTT. [MQTT 5, 6] */
export class MqttUpgraded extends Upgraded {
  readonly #context: MqttContext;

  constructor(context: MqttContext, address: string) {
    super(address);
    this.#context = context;
  }

  open(socket: ServerWebSocket<SocketData>): Receiver {
    const client = new MqttClient(this.#context, new WebSocketLink(socket, this.#context.turn), this.address);
    return new MqttSocket(client, this.address);
  }
}

class MqttSocket implements Receiver {
  readonly remote: string;
  readonly #client: MqttClient;

  constructor(client: MqttClient, remote: string) {
    this.#client = client;
    this.remote = remote;
  }

  /** Only binary messages carry MQTT. [MQTT-6.0.0-1] */
  message(frame: string | Uint8Array): void {
    if (typeof frame === "string") this.#client.close(REASON.protocolError, "MQTT goes in binary messages");
    else this.#client.data(frame);
  }

  drained(): void {
    this.#client.drained();
  }

  closed(): void {
    this.#client.gone();
  }
}
