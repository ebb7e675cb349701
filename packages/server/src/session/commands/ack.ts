import type { AckCommand } from "@tidegate/protocol";
import { fail, reply, type Decision } from "../decision.ts";
import type { Session } from "../session.ts";
import { findSubscription, notSubscribed } from "../subscriptions.ts";

const DONE = reply({ kind: "ack" });

export function ack(session: Session, command: AckCommand): Decision {
  const subscription = findSubscription(session, command.topic);
  if (subscription === undefined) return notSubscribed(command.topic);
  if (subscription.mode.kind !== "windowed")
    return fail("invalid_argument", `ack.topic: the subscription of ${command.topic} was made without a window`);
  subscription.mode.window.ack(command.offset);
  return DONE;
}
