import type { DisconnectPacket } from "@tidegate/protocol/mqtt";
import type { MqttClient } from "../client.ts";
import { leave } from "../leave.ts";
import { leaveAll } from "../presence.ts";
import { REASON } from "../reasons.ts";

/** The client says goodbye: its will is dropped, unless it says otherwise. [MQTT-3.14.4-3] */
export function disconnect(client: MqttClient, { code, properties }: DisconnectPacket): void {
  const { state, context } = client;
  const expiry = properties?.sessionExpiryInterval;
  // [3.14.2.2.2 of MQTT 5]
  if (expiry !== undefined && expiry !== 0 && state.expiry === 0)
    return client.close(REASON.protocolError, "a session that was to end with the connection cannot be kept now");
  if (expiry !== undefined) state.expiry = Math.min(expiry, context.settings.maxSessionExpiry);
  leave(client, code !== REASON.success);
  leaveAll(client);
  client.session.close("normal", "");
}
