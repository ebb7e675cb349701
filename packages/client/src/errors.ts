/** Reasons that the client itself gives; every other reason is the server's and stands in the table of codes. */
export type ClientReason =
  | "closed"
  | "connection_lost"
  | "timeout"
  | "queue_full"
  | "too_large"
  | "too_slow"
  | "bad_frame"
  | "token_failed"
  | "handler_failed";

/** Every error that the client rejects with or reports. Wrong arguments throw a TypeError instead. */
export class TidegateError extends Error {
  /** One word for programs: `forbidden`, `queue_full` … */
  readonly reason: string;
  /** The server's number; 0 for the client's own. */
  readonly code: number;
  /** Whether the same call may succeed later. */
  readonly temporary: boolean;

  constructor(reason: string, message: string, options: ErrorDetails = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "TidegateError";
    this.reason = reason;
    this.code = options.code ?? 0;
    this.temporary = options.temporary ?? false;
  }
}

export interface ErrorDetails {
  readonly code?: number;
  readonly temporary?: boolean;
  readonly cause?: unknown;
}

export function clientError(reason: ClientReason, message: string, options?: ErrorDetails): TidegateError {
  return new TidegateError(reason, message, options);
}

/** The text of whatever was thrown. */
export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
