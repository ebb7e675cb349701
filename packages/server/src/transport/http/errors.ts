import {
  ERRORS,
  InvalidInput,
  jsonCodec,
  protocolError,
  type ErrorReason,
  type ProtocolError,
} from "@tidegate/protocol";
import { AuthError } from "../../auth/index.ts";
import { increase, type Services } from "../../session/services.ts";
import { internalError } from "../../session/client-session.ts";

type Headers = Readonly<Record<string, string>>;

/** A request that is answered with an error. */
export class Refused extends Error {
  readonly error: ProtocolError;
  readonly headers: Headers;

  constructor(error: ProtocolError, headers: Headers = {}) {
    super(error.message);
    this.name = "Refused";
    this.error = error;
    this.headers = headers;
  }
}

export function refuse(reason: ErrorReason, message: string, headers: Headers = {}): never {
  throw new Refused(protocolError(reason, message), headers);
}

/** Seconds after which a temporary error is worth another try. */
const RETRY_AFTER = "1";

/** Whatever was thrown, as an answer: the one place where an error becomes a response. */
export function errorResponse(services: Services, thrown: unknown): Response {
  const error = known(thrown) ?? internalError(services, thrown, "answering a request");
  increase(services.counters.errors, error.reason);
  const { status } = ERRORS[error.reason];
  const headers = new Headers(thrown instanceof Refused ? thrown.headers : {});
  headers.set("Content-Type", "application/json");
  if (error.temporary && status !== 500) headers.set("Retry-After", RETRY_AFTER);
  if (status === 401) headers.set("WWW-Authenticate", challenge(error.reason));
  return new Response(jsonCodec.reply(undefined, { kind: "error", error }), { status, headers });
}

function known(thrown: unknown): ProtocolError | undefined {
  if (thrown instanceof Refused) return thrown.error;
  if (thrown instanceof AuthError) return thrown.protocolError;
  return thrown instanceof InvalidInput ? protocolError(thrown.reason, thrown.message) : undefined;
}

/** [RFC 6750, 3] */
function challenge(reason: ErrorReason): string {
  return reason === "token_expired" ? 'Bearer realm="tidegate", error="invalid_token"' : 'Bearer realm="tidegate"';
}
