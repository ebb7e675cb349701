import type { UnsubscribePacket } from "@tidegate/protocol/mqtt";
import type { MqttClient } from "../client.ts";
import { leaveIt } from "../presence.ts";
import { REASON } from "../reasons.ts";

export function unsubscribe(client: MqttClient, { packetId, filters }: UnsubscribePacket): void {
  const { state, context } = client;
  state.flush();
  // Most of what a hostile packet names the client does not have: that is seen at once.
  const had = new Set(state.subscriptions.map(({ filter }) => filter));
  const codes = filters.map((filter) =>
    had.delete(filter) && state.remove(filter, client.window, context.randomId())
      ? REASON.success
      : REASON.noSubscription,
  );
  for (const filter of filters) leaveIt(client, filter);
  const answer = (): void => client.send({ type: "unsuback", packetId, codes, properties: undefined });
  if (state.ledger === undefined) return answer();
  const gone = filters.filter((_, i) => codes[i] === REASON.success);
  const changes = gone.map((filter) => ({ kind: "unsubscribe", filter }) as const);
  state.ledger.before(changes, answer);
}
