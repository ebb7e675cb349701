import type { Services } from "../session/services.ts";
import type { SessionTable } from "../session/table.ts";

/** Sends all clients away, to come again at once. */
export function closeAll(sessions: SessionTable, why: string): void {
  for (const session of [...sessions]) session.close("internal", why);
}

/** Sends those away who may not be here any more. */
export function closeRevoked({ sessions, revocations }: Pick<Services, "sessions" | "revocations">): void {
  for (const session of [...sessions])
    if (session.open !== undefined && revocations.isRevoked(session.open.identity))
      session.close("revoked", "the user, token or key was revoked");
}
