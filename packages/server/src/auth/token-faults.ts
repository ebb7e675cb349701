import { errors } from "jose";
import { AuthError } from "./auth-error.ts";

/** Turns what jose throws into a sentence that says which check failed; nothing of the token is in it but its times. */
export function explain(error: unknown, algorithms: readonly string[]): AuthError {
  if (error instanceof AuthError) return error;
  if (error instanceof errors.JWTExpired) return expired(error);
  return new AuthError("unauthenticated", sentence(error, algorithms), { cause: error });
}

function expired({ payload }: errors.JWTExpired): AuthError {
  const at = new Date((payload.exp ?? 0) * 1000);
  const when = Number.isNaN(at.getTime()) ? "" : ` at ${at.toISOString()}`;
  return new AuthError("token_expired", `the token expired${when}`);
}

function sentence(error: unknown, algorithms: readonly string[]): string {
  if (error instanceof errors.JWTClaimValidationFailed) return claimSentence(error);
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the signature of the token does not fit the key";
  if (error instanceof errors.JOSEAlgNotAllowed)
    return `the algorithm of the token is not allowed here; allowed: ${algorithms.join(", ")}`;
  if (error instanceof errors.JWKSNoMatchingKey)
    return "no key of auth.jwt.jwks has the kid and algorithm of the token";
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid)
    return "the token is not a well-formed JWT";
  return "the token cannot be verified: its algorithm does not fit the key, or it uses what is not supported";
}

function claimSentence({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === "missing") return `the claim ${claim} is missing, which this server requires`;
  if (claim === "nbf" && reason === "check_failed") return "the token is not valid yet (claim nbf)";
  const known = ["iss", "aud", "exp", "iat", "nbf", "sub", "typ"].includes(claim) ? claim : "of the token";
  return `the claim ${known} is not what this server expects`;
}
