import { protocolError, type ProtocolError } from "@tidegate/protocol";
import type { Identity } from "../auth/index.ts";
import type { ClientSession } from "./client-session.ts";

/** Lets a known client in, whatever transport it came by; or says why not. */
export function openSession(session: ClientSession, identity: Identity): ProtocolError | undefined {
  const { limits, sessions, clock, isDraining } = session.services;
  const { user } = identity;
  if (isDraining()) return protocolError("draining", "this node is about to stop");
  if (user !== undefined && limits.perUser > 0 && sessions.connectionsOf(user) >= limits.perUser)
    // Temporary: another connection of the user may end at any moment.
    return protocolError("rate_limited", `the user has ${limits.perUser} connections, the most that are allowed`);
  if (user !== undefined) sessions.countUser(user, 1);
  const bucket = { tokens: limits.publishBurst, counted: clock.now() };
  session.state = { kind: "open", identity, subscriptions: [], present: undefined, ...bucket };
  return undefined;
}
