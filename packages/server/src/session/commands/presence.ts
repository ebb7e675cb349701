import { namespaceOf, protocolError, type PresenceCommand } from "@tidegate/protocol";
import { maySubscribe, type Identity } from "../../auth/index.ts";
import { fail, reply, type Decision } from "../decision.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session.ts";

export function presence(session: Session, command: PresenceCommand): Decision {
  const { open, services } = session;
  return open === undefined ? fail("not_connected", "connect first") : presenceFor(services, open.identity, command);
}

/** The same for a protocol without sessions. */
export function presenceFor(services: Services, identity: Identity, command: PresenceCommand): Decision {
  const { topic } = command;
  const settings = services.namespaces(namespaceOf(topic));
  if (settings === undefined || !maySubscribe(identity, topic))
    return fail("forbidden", `presence.topic: no permission to subscribe to ${topic}`);
  if (!settings.presence.enabled)
    return fail("not_enabled", `presence.topic: the namespace ${namespaceOf(topic)} has no presence`);
  return { do: "wait", outcome: query(services, command, settings.presence.maxMembers) };
}

async function query(services: Services, command: PresenceCommand, limit: number): Promise<Decision> {
  try {
    const { count, members } = await services.presence.query(command.topic, command.countOnly ? 0 : limit);
    return reply({ kind: "presence", count, members: command.countOnly ? undefined : members });
  } catch (error) {
    return { do: "fail", error: protocolError("unavailable", `presence: ${(error as Error).message}`) };
  }
}
