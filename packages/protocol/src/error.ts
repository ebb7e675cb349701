import { ERRORS, type ErrorReason } from "./codes.ts";

/** An answer that says what was wrong, where, and what is allowed. */
export interface ProtocolError {
  readonly code: number;
  readonly reason: ErrorReason;
  readonly message: string;
  readonly temporary: boolean;
}

export function protocolError(reason: ErrorReason, message: string): ProtocolError {
  const { code, temporary } = ERRORS[reason];
  return { code, reason, message, temporary };
}

/** Thrown by decoders on input that is not of the protocol. */
export class InvalidInput extends Error {
  readonly reason: ErrorReason;

  constructor(reason: ErrorReason, message: string) {
    super(message);
    this.name = "InvalidInput";
    this.reason = reason;
  }
}
