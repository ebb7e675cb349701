import { InvalidInput, protocolError, type Command, type Rejected } from "@tidegate/protocol";
import { HANDLERS } from "./commands/index.ts";
import { fail, type Decision } from "./decision.ts";
import { internalError } from "./client-session.ts";
import type { Session, Waiting } from "./session.ts";

/** A frame came from the client. */
export function receive(session: Session, frame: string | Uint8Array): void {
  if (session.state.kind === "closing" || session.state.kind === "closed") return;
  const { waiting, services } = session;
  if (waiting !== undefined && (waiting.size += frame.length) > services.limits.maxBuffered)
    return session.close(
      "malformed",
      `more than ${services.limits.maxBuffered} bytes came before the reply to connect`,
    );
  let commands: readonly (Command | Rejected)[];
  try {
    commands = session.encoder.decode(frame);
  } catch (error) {
    return refuseFrame(session, error);
  }
  for (const command of commands) take(session, command);
}

function refuseFrame(session: Session, error: unknown): void {
  const known = error instanceof InvalidInput;
  const answer = known
    ? protocolError(error.reason, error.message)
    : internalError(session.services, error, "decoding a frame");
  session.fail(undefined, answer);
  session.close(known ? "malformed" : "internal", answer.message);
}

/** Runs a command now, or after the `connect` that is under way. */
export function take(session: Session, command: Command | Rejected): void {
  session.services.counters.commands += 1;
  if (session.waiting !== undefined) wait(session, session.waiting, command);
  else perform(session, command.id, decide(session, command));
}

/** What a client may send before it knows whether it is let in. */
const MAX_WAITING = 1000;

function wait(session: Session, { commands }: Waiting, command: Command | Rejected): void {
  if (commands.length < MAX_WAITING) commands.push(command);
  else session.close("malformed", `more than ${MAX_WAITING} commands were sent before the reply to connect`);
}

function decide(session: Session, command: Command | Rejected): Decision {
  if (command.kind === "rejected") return { do: "fail", error: command.error };
  if (session.state.kind === "new" && command.kind !== "connect" && command.kind !== "ping")
    return fail("not_connected", `${command.kind} came before connect; connect must be the first command`);
  if (session.state.kind === "closing" || session.state.kind === "closed") return { do: "nothing" };
  try {
    return HANDLERS[command.kind](session, command as never);
  } catch (error) {
    return { do: "fail", error: internalError(session.services, error, `handling ${command.kind}`) };
  }
}

function finish(session: Session, id: number | undefined, outcome: Decision): void {
  perform(session, id, outcome);
  // `connect` may wait twice: for the key set, and then for the history of the personal topic.
  if (outcome.do === "wait" || session.state.kind === "authenticating") return;
  const { waiting } = session;
  session.waiting = undefined;
  for (const command of waiting?.commands ?? []) take(session, command);
}

/** Does what a handler decided: the only place where a command's outcome reaches the connection. */
function perform(session: Session, id: number | undefined, decision: Decision): void {
  switch (decision.do) {
    case "reply":
      if (id !== undefined) session.sendReply(id, decision.reply);
      decision.after?.();
      return;
    case "fail":
      session.fail(id, decision.error);
      return;
    case "close":
      session.fail(id, decision.error);
      session.close(decision.reason, decision.error.message);
      return;
    case "wait":
      void decision.outcome.then(
        (outcome) => finish(session, id, outcome),
        (error: unknown) =>
          finish(session, id, { do: "fail", error: internalError(session.services, error, "handling a command") }),
      );
      return;
    case "nothing":
      return;
  }
}
