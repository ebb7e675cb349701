import {
  connect,
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
  type NatsConnection,
} from "@nats-io/transport-node";
import { LogUnavailable } from "../../log/log.ts";
import { DEFAULTS, type NatsAccess, type NatsCredentials } from "./options.ts";

/** Connects; from then on the connection comes back by itself, for as long as it takes. */
export async function openConnection(options: NatsAccess & { readonly timeout?: number }): Promise<NatsConnection> {
  const { servers, credentials, ca, timeout = DEFAULTS.timeout } = options;
  // Whoever asks for TLS does not go on without it; where the server asks for it, it is there anyway.
  const tls = ca !== undefined || servers.some((server) => server.startsWith("tls://"));
  try {
    return await connect({
      servers: [...servers],
      name: "tidegate",
      timeout,
      ...(tls && { tls: ca === undefined ? {} : { ca } }),
      ...(credentials && { authenticator: authenticatorOf(credentials) }),
      maxReconnectAttempts: -1,
      // An operator may be changing the accounts: without it the connection would end for good.
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: 200,
      reconnectJitter: 100,
      // A server that is cut off without a word is noticed after three of these.
      pingInterval: 2000,
      maxPingOut: 2,
    });
  } catch (error) {
    throw new LogUnavailable(`no NATS at ${servers.map(withoutUser).join(", ")}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** A server's URL may have a password in it. */
function withoutUser(server: string): string {
  return server.replace(/\/\/[^@/]*@/, "//");
}

function authenticatorOf(credentials: NatsCredentials): Authenticator {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  switch (credentials.kind) {
    case "token":
      return tokenAuthenticator(credentials.token);
    case "password":
      return usernamePasswordAuthenticator(credentials.user, credentials.password);
    case "nkey":
      return nkeyAuthenticator(bytes(credentials.seed));
    case "creds":
      return credsAuthenticator(bytes(credentials.text));
  }
}

export interface LinkEvents {
  readonly down: () => void;
  readonly up: () => void;
  readonly warn: (message: string) => void;
}

/** Tells when the connection goes and comes, until it is closed. */
export async function watchConnection(connection: NatsConnection, { down, up, warn }: LinkEvents): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === "disconnect" || status.type === "staleConnection") down();
    else if (status.type === "reconnect") up();
    else if (status.type === "error") warn(`NATS: ${status.error.message}`);
    else if (status.type === "slowConsumer") warn("NATS: slowConsumer");
  }
}
