import { originAllowed } from "../origin.ts";
import { refuse } from "./errors.ts";

/** Refuses pages of origins that may not use the API. Programs send no Origin. */
export function checkOrigin(headers: Headers, allowed: readonly string[]): void {
  const origin = headers.get("origin");
  if (origin !== null && !originAllowed(origin, headers.get("host"), allowed))
    refuse(
      "forbidden",
      `pages of ${origin.slice(0, 200)} may not use this API; http.allowedOrigins lists those that may`,
    );
}

/** Lets the page that asked read the answer; `checkOrigin` comes first. Tokens come in headers, so no cookies are let in. */
export function allowOrigin(request: Request, response: Response): Response {
  const origin = request.headers.get("origin");
  if (origin === null) return response;
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.set("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate");
  response.headers.append("Vary", "Origin");
  return response;
}

/** The answer to OPTIONS, which is a preflight if it asks for a method. */
export function optionsResponse(request: Request, allow: string): Response {
  const headers = new Headers({ Allow: allow });
  if (request.headers.has("access-control-request-method")) {
    headers.set("Access-Control-Allow-Methods", allow);
    headers.set("Access-Control-Allow-Headers", "authorization, content-type, last-event-id, x-api-key");
    headers.set("Access-Control-Max-Age", "600");
  }
  return new Response(null, { status: 204, headers });
}
