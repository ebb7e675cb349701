import type { CloseReason, ConnectCommand } from "@tidegate/protocol";
import { AuthError, type AuthReason, type Identity } from "../../auth/index.ts";
import { fail, type Decision } from "../decision.ts";
import { openSession } from "../open-session.ts";
import type { Session } from "../session.ts";
import { startSubscription, type Started } from "../start-subscription.ts";

/** The first command: who is it? Commands that come before the answer is known wait for it. */
export function connect(session: Session, command: ConnectCommand): Decision {
  const { services } = session;
  if (session.state.kind !== "new") return fail("already_connected", "connect was sent before on this connection");
  const { since } = session.state;
  try {
    const identity = services.authenticator.authenticate(command.token);
    if (!(identity instanceof Promise)) return welcome(session, command, identity);
    session.state = { kind: "authenticating", since };
    session.waiting = { commands: [], size: 0 };
    return { do: "wait", outcome: authenticated(session, command, identity) };
  } catch (error) {
    return refuse(error);
  }
}

async function authenticated(
  session: Session,
  command: ConnectCommand,
  identity: Promise<Identity>,
): Promise<Decision> {
  try {
    const known = await identity;
    return session.state.kind === "authenticating" ? welcome(session, command, known) : { do: "nothing" };
  } catch (error) {
    return refuse(error);
  }
}

/** A key set that cannot be read says nothing about the token: the client comes again with it. */
const CLOSE_OF: Readonly<Record<AuthReason, CloseReason>> = {
  unauthenticated: "unauthenticated",
  token_expired: "token_expired",
  unavailable: "internal",
};

function refuse(error: unknown): Decision {
  if (!(error instanceof AuthError)) throw error;
  return { do: "close", reason: CLOSE_OF[error.reason], error: error.protocolError };
}

function welcome(session: Session, command: ConnectCommand, identity: Identity): Decision {
  const error = openSession(session, identity);
  if (error !== undefined)
    return { do: "close", reason: error.reason === "draining" ? "draining" : "overloaded", error };
  if (identity.kind !== "user" || identity.user === undefined) return accept(session, identity, undefined, undefined);
  const topic = `user/${identity.user}`;
  const started = startSubscription(session, topic, { since: command.since, retained: false, window: undefined });
  if (!(started instanceof Promise)) return accept(session, identity, topic, started);
  session.waiting ??= { commands: [], size: 0 };
  return { do: "wait", outcome: started.then((each) => accept(session, identity, topic, each)) };
}

function accept(
  session: Session,
  identity: Identity,
  topic: string | undefined,
  personal: Started | undefined,
): Decision {
  // Without its personal topic a client would miss messages and not know it: it is to come again.
  if (personal?.error !== undefined) return { do: "close", reason: "internal", error: personal.error };
  return {
    do: "reply",
    reply: {
      kind: "connect",
      session: session.id,
      user: identity.user,
      ping: session.services.limits.ping,
      expires: identity.expires,
      personal: topic === undefined || personal === undefined ? undefined : { topic, ...personal.state },
    },
    after: () => personal?.replay(),
  };
}
