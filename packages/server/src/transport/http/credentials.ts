import type { Identity } from "../../auth/index.ts";
import type { Call } from "./context.ts";
import { refuse } from "./errors.ts";

/** Who sends the request. Rejects with AuthError. `parameter`: the token of the query, where the path takes one. */
export async function authenticate({ request, context }: Call, parameter?: string): Promise<Identity> {
  return context.services.authenticator.authenticate(tokenOf(request.headers, parameter));
}

/** The one token of a request: two could name two users, and which of them counts would be a guess. */
function tokenOf(headers: Headers, parameter: string | undefined): string | undefined {
  const given = [bearer(headers.get("authorization")), headers.get("x-api-key")?.trim(), parameter];
  const tokens = given.filter((token) => token !== undefined && token !== "");
  if (tokens.length > 1)
    refuse("invalid_argument", "send one of Authorization, X-API-Key and the parameter token, not several");
  return tokens[0];
}

function bearer(header: string | null): string | undefined {
  if (header === null) return undefined;
  const token = /^bearer +(\S+) *$/i.exec(header)?.[1];
  return token ?? refuse("unauthenticated", "Authorization: it must be Bearer and a token, or leave it out");
}
