import { protocolError, type RefreshCommand } from "@tidegate/protocol";
import { AuthError, maySubscribe, type Identity } from "../../auth/index.ts";
import { fail, reply, type Decision } from "../decision.ts";
import type { Session } from "../session.ts";
import { revokeSubscription } from "../subscriptions.ts";

/** A new token for the same user, on a live connection. */
export function refresh(session: Session, command: RefreshCommand): Decision {
  if (session.open === undefined) return fail("not_connected", "connect first");
  try {
    const identity = session.services.authenticator.authenticate(command.token);
    if (!(identity instanceof Promise)) return replace(session, identity);
    return { do: "wait", outcome: identity.then((known) => replace(session, known), refuse) };
  } catch (error) {
    return refuse(error);
  }
}

/** The old token goes on until its own end: a refused refresh alone does not end the connection. */
function refuse(error: unknown): Decision {
  if (!(error instanceof AuthError)) throw error;
  return { do: "fail", error: protocolError(error.reason, error.message) };
}

function replace(session: Session, identity: Identity): Decision {
  const { open } = session;
  if (open === undefined) return { do: "nothing" };
  if (identity.user !== open.identity.user)
    return fail("unauthenticated", "refresh.token: it is another user's; connect again to change the user");
  open.identity = identity;
  // Rights that the new token does not have end now, not with the connection.
  for (const subscription of [...open.subscriptions]) {
    const { filter } = subscription.group;
    if (!maySubscribe(identity, filter))
      revokeSubscription(session, subscription, "forbidden", `the new token does not allow to subscribe to ${filter}`);
  }
  return reply({ kind: "refresh", expires: identity.expires });
}
