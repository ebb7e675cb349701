import { Client, type ClientState, TidegateError } from "@tidegate/client";
import { CliError } from "../exit.ts";
import { type Endpoint, socketUrl } from "../http/endpoint.ts";
import { NoServerError, RefusedError } from "../http/faults.ts";
import { VERSION } from "../version.ts";

/** A client whose errors go to the standard error; it is not connected yet. */
export function newClient({ token, ...endpoint }: Endpoint, say: (line: string) => void): Client {
  const client = new Client(socketUrl({ token, ...endpoint }), {
    clientName: `tidegate-cli/${VERSION}`,
    ...(token === undefined ? {} : { token }),
  });
  client.on("error", ({ message }) => say(message));
  return client;
}

/**
 * Resolves at the first connection. A first try that fails is most likely a wrong address, so nothing is tried again:
 * rejects with a CliError.
 */
export function firstConnection(client: Client, endpoint: Endpoint): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const off = client.on("state", (state) => {
    if (state.kind === "connecting") return;
    off();
    if (state.kind === "connected") return resolve();
    void client.close();
    reject(failure(state, endpoint));
  });
  client.connect();
  return promise;
}

/** Says what becomes of the connection from now on; `closed` is called if it ends for good by itself. */
export function watchConnection(client: Client, say: (line: string) => void, closed: (error: CliError) => void): void {
  let lost = false;
  client.on("state", (state) => {
    if (state.kind === "waiting") {
      if (!lost) say(`connection lost (${state.message}); connecting again`);
      lost = true;
    } else if (state.kind === "connected") {
      say("connected again");
      lost = false;
    } else if (state.kind === "closed" && state.reason !== "closed") closed(closeError(state));
  });
}

/** An error of the SDK as one for the person at the keyboard. */
export function cliError(error: unknown): unknown {
  if (error instanceof TidegateError) return new RefusedError(error);
  return error;
}

type Ended = Extract<ClientState, { kind: "closed" }>;

function failure(state: ClientState, endpoint: Endpoint): CliError {
  if (state.kind === "closed") return closeError(state);
  return new NoServerError(endpoint, state.kind === "waiting" ? state.message : state.kind);
}

function closeError({ reason, message }: Ended): CliError {
  return new RefusedError({ reason, message, temporary: false });
}
