import type { Options } from "./table.ts";

/** Why the server must not start with these options; undefined if it may. */
export function startupFault({ http, mqtt, auth }: Options): string | undefined {
  if (isProtected(auth)) return undefined;
  return exposed("http.host", http.host) ?? (mqtt.enabled ? exposed("mqtt.host", mqtt.host) : undefined);
}

function exposed(option: string, host: string): string | undefined {
  if (isLoopback(host)) return undefined;
  return (
    `${option} is ${host}, which others can reach, and there is no authentication: anyone could read and publish. ` +
    `Either set auth.jwt.secret, auth.jwt.publicKey, auth.jwt.jwks, auth.keys or auth.users, or set ${option} to 127.0.0.1.`
  );
}

/** What whoever starts the server should know, as a sentence; undefined where there is nothing to say. */
export function startupNotice({ auth }: Options): string | undefined {
  if (isProtected(auth)) return undefined;
  return "No authentication is set: everyone on this machine may connect, read and publish. Set auth.jwt, auth.keys or auth.users before others do.";
}

/** With jwt, keys or users set, clients without a token may do only what auth.anonymous lists, which somebody wrote down. */
export function isProtected({ jwt, keys, users }: Options["auth"]): boolean {
  const verifiesTokens = jwt.secret !== undefined || jwt.publicKey !== undefined || jwt.jwks !== undefined;
  return verifiesTokens || keys.length > 0 || users.length > 0;
}

export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  return (
    name === "localhost" ||
    name === "::1" ||
    /^127(\.\d{1,3}){3}$/.test(name) ||
    /^::ffff:127(\.\d{1,3}){3}$/.test(name)
  );
}
