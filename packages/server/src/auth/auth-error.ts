import { protocolError, type ProtocolError } from "@tidegate/protocol";

export type AuthReason = "unauthenticated" | "token_expired" | "unavailable";

/** A token or key was refused. The message says which check failed, and never holds the token. */
export class AuthError extends Error {
  readonly reason: AuthReason;

  constructor(reason: AuthReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AuthError";
    this.reason = reason;
  }

  /** What the client is told. */
  get protocolError(): ProtocolError {
    return protocolError(this.reason, this.message);
  }
}
