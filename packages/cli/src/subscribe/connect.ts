import { Client, type ClientState, TidegateError } from "@tidegate/client";
import { CliError, EXIT } from "../exit.ts";
import type { Api } from "../http/api.ts";
import { type Endpoint, socketUrl } from "../http/endpoint.ts";
import { RefusedError } from "../http/faults.ts";
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
export async function firstConnection(client: Client, endpoint: Endpoint, api: Pick<Api, "reach">): Promise<void> {
  const state = await firstState(client);
  if (state.kind === "connected") return;
  void client.close();
  if (state.kind === "closed") throw closeError(state);
  // A WebSocket does not tell why it could not open; a request does.
  await api.reach();
  throw new CliError(
    `${endpoint.base} answers, but the WebSocket at ${socketUrl(endpoint)} does not open: ${state.message}.\nIs it a Tidegate server? A proxy before it must let WebSockets through.`,
    EXIT.noServer,
  );
}

type FirstState = Extract<ClientState, { kind: "connected" | "waiting" | "closed" }>;

function firstState(client: Client): Promise<FirstState> {
  const { promise, resolve } = Promise.withResolvers<FirstState>();
  const off = client.on("state", (state) => {
    if (state.kind === "connecting" || state.kind === "idle") return;
    off();
    resolve(state);
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
  if (!(error instanceof TidegateError)) return error;
  if (error.reason === "too_slow") return new CliError(TOO_SLOW);
  // Those without a number are the SDK's own, not the server's.
  return error.code === 0 ? new CliError(error.message) : new RefusedError(error);
}

const TOO_SLOW =
  "what reads the output is slower than the messages come. Go on with --since from the last one printed.";

type Ended = Extract<ClientState, { kind: "closed" }>;

function closeError({ reason, message }: Ended): CliError {
  return new RefusedError({ reason, message, temporary: false });
}
