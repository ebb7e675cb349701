import { protocolError, type CloseReason, type ErrorReason, type ProtocolError, type Reply } from "@tidegate/protocol";

/** What a command's handler wants done; `perform` does it. */
export type Decision =
  /** `after` runs when the reply is on its way: what it sends comes after the reply. */
  | { readonly do: "reply"; readonly reply: Reply; readonly after?: () => void }
  | { readonly do: "fail"; readonly error: ProtocolError }
  /** Fail and then end the connection. */
  | { readonly do: "close"; readonly reason: CloseReason; readonly error: ProtocolError }
  | { readonly do: "wait"; readonly outcome: Promise<Decision> }
  /** The answer comes from the appender when the message is stored. */
  | { readonly do: "nothing" };

export const NOTHING: Decision = { do: "nothing" };

export function reply(answer: Reply): Decision {
  return { do: "reply", reply: answer };
}

export function fail(reason: ErrorReason, message: string): Decision {
  return { do: "fail", error: protocolError(reason, message) };
}
