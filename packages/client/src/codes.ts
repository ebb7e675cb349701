/**
 * What the client needs of the protocol's table of codes (`packages/protocol/src/codes.ts`), as rules on its ranges: so
 * that a code which is added later is obeyed too, and the bundle carries no table. A test compares both.
 */

/** What the client does after the end of a connection. */
export type Action = "stop" | "new-token" | "reconnect";

const UNAUTHENTICATED = 1004;
/** The one final error of a command that a new connection with a new token may cure. */
export const TOKEN_EXPIRED = 1005;

export function closeAction(code: number): Action {
  if (code === 4001 || code === 4002) return "new-token";
  return code === 1000 || (code >= 4000 && code < 4500) ? "stop" : "reconnect";
}

/** After the refusal of `connect` or `refresh`. */
export function errorAction(error: { readonly code: number; readonly temporary: boolean }): Action {
  if (error.temporary) return "reconnect";
  return error.code === UNAUTHENTICATED || error.code === TOKEN_EXPIRED ? "new-token" : "stop";
}
