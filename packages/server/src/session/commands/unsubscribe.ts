import type { UnsubscribeCommand } from "@tidegate/protocol";
import { reply, type Decision } from "../decision.ts";
import type { Session } from "../session.ts";
import { dropSubscription, findSubscription, notSubscribed } from "../subscriptions.ts";

const DONE = reply({ kind: "unsubscribe" });

export function unsubscribe(session: Session, command: UnsubscribeCommand): Decision {
  const subscription = findSubscription(session, command.topic);
  if (subscription === undefined) return notSubscribed(command.topic);
  dropSubscription(session, subscription);
  return DONE;
}
