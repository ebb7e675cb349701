import type { RevokeRequest } from "../../../auth/index.ts";
import type { Services } from "../../../session/services.ts";
import { jsonBody } from "../body.ts";
import { jsonResponse } from "../commands.ts";
import type { Call } from "../context.ts";
import { authenticate } from "../credentials.ts";
import { refuse } from "../errors.ts";
import { nearestHint } from "../../../options/nearest.ts";
import { parameters } from "../query.ts";

const SUBJECTS = ["user", "tokenId", "key"] as const;

type Subject = (typeof SUBJECTS)[number];

/** Characters of what is revoked: far above every user id and token id. */
const MAX_CHARS = 256;

/** Refuses a user, a token or an API key from now on, and ends the connections that came with it. */
export async function revoke(call: Call): Promise<Response> {
  parameters(call.query, []);
  const identity = await authenticate(call);
  if (!identity.permissions.admin) refuse("forbidden", "only an API key or a user with admin may revoke");
  const request = requestFrom((await jsonBody(call)).value);
  put(call.context.services, request);
  return jsonResponse(JSON.stringify({ revoked: request }));
}

/** The gateway listens to revocations, and closes what is concerned: those of other nodes come in by the same way. */
function put({ revocations, logger }: Services, request: RevokeRequest): void {
  try {
    revocations.revoke(request);
    logger.info(request, "revoked");
  } catch (error) {
    if (error instanceof RangeError) refuse("limit_reached", error.message);
    throw error;
  }
}

function requestFrom(value: unknown): RevokeRequest {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse("invalid_argument", "revoke: it must be an object");
  const entries = Object.entries(value);
  for (const [name] of entries)
    if (!isSubject(name))
      refuse("invalid_argument", `revoke: unknown field "${name.slice(0, 40)}"${nearestHint(name, SUBJECTS)}`);
  const [only] = entries;
  if (only === undefined || entries.length > 1)
    return refuse("invalid_argument", `revoke: it must have exactly one of ${SUBJECTS.join(", ")}`);
  return { [only[0]]: idFrom(only[1], only[0]) } as unknown as RevokeRequest;
}

function idFrom(id: unknown, name: string): string {
  if (typeof id === "string" && id.length > 0 && id.length <= MAX_CHARS && id.isWellFormed()) return id;
  return refuse("invalid_argument", `revoke.${name}: it must be text of 1 to ${MAX_CHARS} characters`);
}

function isSubject(name: string): name is Subject {
  return SUBJECTS.some((each) => each === name);
}
