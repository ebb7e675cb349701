import type { Identity } from "../../auth/index.ts";
import type { Call } from "./context.ts";
import { refuse } from "./errors.ts";

/** Who sends the request. Rejects with AuthError. `parameter`: the token of the query, where the path takes one. */
export async function authenticate({ request, context }: Call, parameter?: string): Promise<Identity> {
  const { authenticator } = context.services;
  const given = credentialsOf(request.headers, parameter);
  return typeof given === "object"
    ? authenticator.signIn(given.name, given.password)
    : authenticator.authenticate(given);
}

interface SignIn {
  readonly name: string;
  readonly password: string;
}

/** The one token or sign-in of a request: two could name two users, and which of them counts would be a guess. */
function credentialsOf(headers: Headers, parameter: string | undefined): string | SignIn | undefined {
  const given = [authorization(headers.get("authorization")), headers.get("x-api-key")?.trim(), parameter];
  const all = given.filter((each) => each !== undefined && each !== "");
  if (all.length > 1)
    refuse("invalid_argument", "send one of Authorization, X-API-Key and the parameter token, not several");
  return all[0];
}

function authorization(header: string | null): string | SignIn | undefined {
  if (header === null) return undefined;
  const [, scheme = "", value = ""] = /^(bearer|basic) +(\S+) *$/i.exec(header) ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  const signIn = scheme === "" ? undefined : basic(value);
  return (
    signIn ??
    refuse("unauthenticated", "Authorization: it must be Bearer and a token, Basic and a user, or be left out")
  );
}

/** [RFC 7617, 2]: the first colon ends the name. */
function basic(value: string): SignIn | undefined {
  const text = textOf(value);
  const colon = text?.indexOf(":") ?? -1;
  return text === undefined || colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.fromBase64(base64));
  } catch {
    return undefined;
  }
}
