import {
  namespaceOf,
  type Message,
  type Origin,
  type ProtocolError,
  type PublishCommand,
  type Quality,
} from "@tidegate/protocol";
import type { Identity } from "../../auth/index.ts";
import { messageSize, type Publisher } from "../../log/appender.ts";
import { admit } from "../../pipeline/admit.ts";
import type { Bucket } from "../../pipeline/token-bucket.ts";
import { fail, NOTHING, type Decision } from "../decision.ts";
import { increase, type Services } from "../services.ts";
import type { Session } from "../session.ts";

/** Takes the message for storage; the reply leaves when it is stored. */
export function publish(session: Session, command: PublishCommand): Decision {
  const { open, services } = session;
  if (open === undefined) return fail("not_connected", "connect first");
  const error = submit(services, { from: open, origin: session.encoder.origin, answer: session }, command);
  return error === undefined ? NOTHING : { do: "fail", error };
}

export interface Source {
  /** Who publishes, with the state of their rate limit. */
  readonly from: Bucket & { readonly identity: Identity };
  readonly origin: Origin;
  readonly answer: Publisher;
  /** When its bytes came, in milliseconds since 1970; now if absent. */
  readonly at?: number;
  /** Of protocols in which the publisher states it. */
  readonly quality?: Quality;
  /** The transport keeps the publisher to its rate itself. */
  readonly isPaced?: boolean;
  /** The last word of a client that this node is about to lose: taken although it stops. */
  readonly isLast?: boolean;
}

/** Checks a publish of any protocol and hands it to its log; `answer` is called exactly once unless it is refused here. */
export function submit(services: Services, source: Source, command: PublishCommand): ProtocolError | undefined {
  const namespace = namespaceOf(command.topic);
  const refusal = admit(services, source.from, command, namespace, source.isPaced);
  if (refusal !== undefined) return refusal;
  const message = messageOf(source, command, source.at ?? services.clock.now());
  const { appender } = services.streamOf(command.topic, namespace);
  const size = messageSize(message);
  const full =
    source.isLast === true
      ? appender.submitLast(message, size, source.answer, command.id)
      : appender.submit(message, size, source.answer, command.id);
  if (full === undefined) increase(services.counters.published, services.label(namespace));
  return full;
}

/** Whole at once: a property that were added later would cost each message a second object. */
function messageOf({ from, origin, quality }: Source, command: PublishCommand, time: number): Message {
  const { topic, payload, messageId: id, priority, headers, retain } = command;
  const { user } = from.identity;
  if (quality === undefined) return { topic, payload, id, from: user, time, priority, headers, retain, origin };
  return { topic, payload, id, from: user, time, priority, headers, retain, origin, quality };
}
