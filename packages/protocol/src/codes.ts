/**
 * Every error and close code of the native protocol, as data. The range means behaviour: errors from 1000 are final
 * (the same command fails again), from 2000 temporary (the same command may be sent again after a while). Close codes
 * from 4000 to 4499 say that connecting again the same way is of no use, from 4500 that it is.
 */

/** What a client does next. */
export type ErrorAction = "fix" | "new-token" | "retry";

interface ErrorCode {
  readonly code: number;
  /** HTTP status of the same error. */
  readonly status: number;
  readonly temporary: boolean;
  readonly action: ErrorAction;
  readonly meaning: string;
}

export const ERRORS = {
  malformed: { code: 1000, status: 400, temporary: false, action: "fix", meaning: "The input is not of the protocol." },
  unknown_command: { code: 1001, status: 400, temporary: false, action: "fix", meaning: "No such command." },
  invalid_argument: {
    code: 1002,
    status: 400,
    temporary: false,
    action: "fix",
    meaning: "A field is missing or has a value that is not allowed.",
  },
  not_connected: {
    code: 1003,
    status: 401,
    temporary: false,
    action: "fix",
    meaning: "The first command must be connect.",
  },
  unauthenticated: {
    code: 1004,
    status: 401,
    temporary: false,
    action: "new-token",
    meaning: "The token or key is missing, wrong or revoked.",
  },
  token_expired: {
    code: 1005,
    status: 401,
    temporary: false,
    action: "new-token",
    meaning: "The token's time is over.",
  },
  forbidden: {
    code: 1006,
    status: 403,
    temporary: false,
    action: "fix",
    meaning: "The permissions do not allow this on this topic.",
  },
  not_found: { code: 1007, status: 404, temporary: false, action: "fix", meaning: "No such path." },
  already_connected: { code: 1008, status: 409, temporary: false, action: "fix", meaning: "connect was sent twice." },
  already_subscribed: {
    code: 1009,
    status: 409,
    temporary: false,
    action: "fix",
    meaning: "This connection has a subscription of the same topic or filter.",
  },
  not_subscribed: {
    code: 1010,
    status: 409,
    temporary: false,
    action: "fix",
    meaning: "This connection has no such subscription.",
  },
  too_large: {
    code: 1011,
    status: 413,
    temporary: false,
    action: "fix",
    meaning: "The message is larger than the limit.",
  },
  limit_reached: {
    code: 1012,
    status: 409,
    temporary: false,
    action: "fix",
    meaning: "A limit of this connection or topic is reached.",
  },
  not_enabled: {
    code: 1013,
    status: 409,
    temporary: false,
    action: "fix",
    meaning: "The namespace does not have this switched on.",
  },
  method_not_allowed: {
    code: 1014,
    status: 405,
    temporary: false,
    action: "fix",
    meaning: "The path does not take this HTTP method.",
  },
  unavailable: {
    code: 2000,
    status: 503,
    temporary: true,
    action: "retry",
    meaning: "The log or another part is away. Nothing was stored.",
  },
  overloaded: {
    code: 2001,
    status: 503,
    temporary: true,
    action: "retry",
    meaning: "Too much is waiting. Nothing was stored; low priority is refused first.",
  },
  rate_limited: { code: 2002, status: 429, temporary: true, action: "retry", meaning: "More than the allowed rate." },
  draining: {
    code: 2003,
    status: 503,
    temporary: true,
    action: "retry",
    meaning: "This node is about to stop. Connect again.",
  },
  internal: {
    code: 2004,
    status: 500,
    temporary: true,
    action: "retry",
    meaning: "A fault of the server; it is in its log.",
  },
} as const satisfies Record<string, ErrorCode>;

export type ErrorReason = keyof typeof ERRORS;

export type CloseAction = "stop" | "new-token" | "reconnect";

interface CloseCode {
  readonly code: number;
  readonly action: CloseAction;
  readonly meaning: string;
}

export const CLOSES = {
  normal: { code: 1000, action: "stop", meaning: "The client asked for it." },
  malformed: { code: 4000, action: "stop", meaning: "A frame was not of the protocol." },
  unauthenticated: { code: 4001, action: "new-token", meaning: "connect or refresh was refused." },
  token_expired: { code: 4002, action: "new-token", meaning: "The token's time ended and no new one came." },
  revoked: { code: 4003, action: "stop", meaning: "The user or token was revoked." },
  connect_timeout: { code: 4004, action: "stop", meaning: "No connect command within the time." },
  draining: { code: 4500, action: "reconnect", meaning: "The node is about to stop." },
  slow_consumer: { code: 4501, action: "reconnect", meaning: "The client reads slower than its messages come." },
  idle: { code: 4502, action: "reconnect", meaning: "Nothing was heard of the client for the stated time." },
  overloaded: { code: 4503, action: "reconnect", meaning: "The node has no room for this connection now." },
  internal: { code: 4504, action: "reconnect", meaning: "A fault of the server; it is in its log." },
} as const satisfies Record<string, CloseCode>;

export type CloseReason = keyof typeof CLOSES;
