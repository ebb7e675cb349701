import { isWildcard, namespaceOf, protocolError, type ProtocolError, type SubscribeCommand } from "@tidegate/protocol";
import { maySubscribe } from "../../auth/index.ts";
import type { NamespaceSettings } from "../../options/index.ts";
import { fail, type Decision } from "../decision.ts";
import type { OpenState } from "../client-session.ts";
import { enterPresence } from "../enter-presence.ts";
import type { Session } from "../session.ts";
import { startSubscription, type Started } from "../start-subscription.ts";
import { findSubscription } from "../subscriptions.ts";

export function subscribe(session: Session, command: SubscribeCommand): Decision {
  const { open, services } = session;
  if (open === undefined) return fail("not_connected", "connect first");
  const namespace = namespaceOf(command.topic);
  const settings = services.namespaces(namespace);
  if (settings === undefined || !maySubscribe(open.identity, command.topic))
    return fail("forbidden", `subscribe.topic: no permission to subscribe to ${command.topic}`);
  const refusal = fault(session, open, command, settings);
  if (refusal !== undefined) return { do: "fail", error: refusal };
  const started = startSubscription(session, command.topic, command);
  if (command.presence !== undefined) enterPresence(session, open, command.topic, command.presence.info, settings);
  if (!(started instanceof Promise)) return answer(started);
  return { do: "wait", outcome: started.then(answer) };
}

function answer(started: Started): Decision {
  if (started.error !== undefined) return { do: "fail", error: started.error };
  return { do: "reply", reply: { kind: "subscribe", ...started.state }, after: started.replay };
}

function fault(
  session: Session,
  open: OpenState,
  { topic, presence, retained, window }: SubscribeCommand,
  settings: NamespaceSettings,
): ProtocolError | undefined {
  const { maxSubscriptions } = session.services.limits;
  if (findSubscription(session, topic) !== undefined)
    return protocolError("already_subscribed", `this connection has a subscription of ${topic}; unsubscribe first`);
  if (open.subscriptions.length >= maxSubscriptions)
    return protocolError("limit_reached", `a connection may have ${maxSubscriptions} subscriptions`);
  if ((retained || window !== undefined) && session.services.hub.placeOf(topic) === undefined)
    return protocolError(
      "invalid_argument",
      "subscribe.topic: retained and window need a topic, or a filter within one namespace whose topics are in one log",
    );
  if (presence !== undefined && isWildcard(topic))
    return protocolError("invalid_argument", "subscribe.presence: one is present in a topic, not in a filter");
  if (presence !== undefined && !settings.presence.enabled)
    return protocolError("not_enabled", `subscribe.presence: the namespace ${namespaceOf(topic)} has no presence`);
  return undefined;
}
