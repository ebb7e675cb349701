import { isLoopback } from "../options/index.ts";

/**
 * Whether a server without authentication may answer a request that names it `host` (the Host header). A page that
 * anybody wrote can make its own name point to this machine (DNS rebinding); the browser then takes the answers for the
 * page's own. The name in the request still tells: it is not one of this machine's.
 */
export function hostAllowed(host: string | null, allowedOrigins: readonly string[]): boolean {
  if (host === null || allowedOrigins.includes("*")) return true;
  if (!URL.canParse(`http://${host}`)) return false;
  if (isLoopback(new URL(`http://${host}`).hostname)) return true;
  return allowedOrigins.some((origin) => URL.canParse(origin) && new URL(origin).host === host);
}
