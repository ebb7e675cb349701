import type { Server } from "bun";

/** The client's address; behind a trusted proxy, what the proxy next to us says it saw. */
export function clientAddress(
  request: Request,
  server: Pick<Server<unknown>, "requestIP">,
  trustProxy: boolean,
): string {
  const forwarded = trustProxy ? request.headers.get("x-forwarded-for") : null;
  // Earlier entries are the client's own words; only the last hop was written by our proxy.
  const last = forwarded?.split(",").at(-1)?.trim();
  // An address with a port has at most 53 characters; what is longer is no address, and limits remember it.
  return last !== undefined && last !== "" && last.length <= 64
    ? last
    : (server.requestIP(request)?.address ?? "unknown");
}
