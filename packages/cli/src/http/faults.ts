import { CliError, EXIT, textOf } from "../exit.ts";
import type { Endpoint } from "./endpoint.ts";

/** What the server says of a request that it refuses. */
export interface ServerError {
  readonly reason: string;
  readonly message: string;
  readonly temporary: boolean;
}

/** The server's own refusal, so that a caller can tell what may be tried again. */
export class RefusedError extends CliError {
  readonly temporary: boolean;
  readonly reason: string;

  constructor({ reason, message, temporary }: ServerError) {
    super(sentence(reason, message), NOT_ALLOWED.has(reason) ? EXIT.notAllowed : EXIT.failed);
    this.reason = reason;
    this.temporary = temporary;
  }
}

/** No answer came. */
export class NoServerError extends CliError {
  constructor({ base }: Endpoint, cause: string) {
    super(
      `${/certificate/.test(cause) ? "no trusted server" : "no server"} at ${base} (${cause}). ${hint(base, cause)}`,
      EXIT.noServer,
    );
  }
}

const NOT_ALLOWED = new Set(["unauthenticated", "token_expired", "not_connected", "revoked", "forbidden"]);
const START = "Start one with: tidegate serve";
const ELSEWHERE = "Is the address right? --url or TIDEGATE_URL sets it.";

const CERTIFICATE = "If you trust its authority, name it: NODE_EXTRA_CA_CERTS=FILE.pem";

function hint(base: string, cause: string): string {
  if (/certificate/.test(cause)) return CERTIFICATE;
  return /^https?:\/\/(127\.|localhost|\[::1\])/.test(base) ? START : ELSEWHERE;
}

function sentence(reason: string, message: string): string {
  if (reason === "forbidden") return `the server does not allow it: ${message}`;
  if (!NOT_ALLOWED.has(reason)) return `the server refused: ${message} (${reason})`;
  return `the server wants a valid token: ${message} (${reason}).\nGive one by TIDEGATE_TOKEN or --token-file; on the server's machine "tidegate token --user NAME" makes one.`;
}

/** What fetch threw, in words. */
export function networkCause(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError") return "no answer in time";
  return CAUSES.get(code) ?? textOf(error);
}

const CAUSES = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ConnectionRefused", "connection refused"],
  ["ENOTFOUND", "no such host"],
  ["ECONNRESET", "connection lost"],
  ["ConnectionClosed", "connection lost"],
  ["EHOSTUNREACH", "host not reachable"],
  ["ENETUNREACH", "network not reachable"],
  ["ETIMEDOUT", "no answer in time"],
]);

/** The error in an answer, or in one item of an answer; undefined if there is none. */
export function errorIn(value: unknown): ServerError | undefined {
  const { error } = (value ?? {}) as { error?: Partial<ServerError> };
  if (typeof error?.reason !== "string") return undefined;
  return { reason: error.reason, message: String(error.message ?? ""), temporary: error.temporary === true };
}
