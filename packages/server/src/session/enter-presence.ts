import type { NamespaceSettings } from "../options/index.ts";
import type { ClientSession, OpenState } from "./client-session.ts";

/** Makes a client a member of a topic; it is told who comes and goes, if its protocol has words for that. */
export function enterPresence(
  session: ClientSession,
  open: OpenState,
  topic: string,
  info: string | undefined,
  settings: NamespaceSettings,
): void {
  const { presence, audience } = session.services;
  const member = { user: open.identity.user ?? session.id, info: info ?? open.identity.info };
  (open.present ??= new Set()).add(topic);
  audience.add(topic, session);
  presence.enter(topic, session.id, member, settings.presence);
}

/** It is no longer a member; nothing happens if it was none. */
export function exitPresence(session: ClientSession, topic: string): void {
  if (session.open?.present?.delete(topic) !== true) return;
  session.services.audience.remove(topic, session);
  session.services.presence.exit(topic, session.id, true);
}
