import { isLoopback } from "../options/index.ts";

/**
 * Whether pages of an origin may connect: those of this server, those of this machine while the server itself is
 * reached as this machine, and those that are listed. Without this check any page that a user visits could use the
 * user's network position. `host` is the request's Host header.
 */
export function originAllowed(origin: string, host: string | null, allowed: readonly string[]): boolean {
  if (allowed.includes("*") || allowed.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (host === null) return false;
  if (page.host === host) return true;
  return isLoopback(page.hostname) && URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname);
}
