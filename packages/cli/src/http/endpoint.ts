import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { textOf, usageError } from "../exit.ts";

/** Where the server is and who asks. */
export interface Endpoint {
  /** `http://host:port`, without a slash at its end. */
  readonly base: string;
  readonly token: string | undefined;
}

export interface EndpointFlags {
  readonly url?: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

const DEFAULT_URL = "http://127.0.0.1:8080";

/** The options of every command that talks to a server. */
export function addEndpointFlags(command: Command): Command {
  return command
    .optionsGroup("Server:")
    .option("--url <url>", `address of the server (default: TIDEGATE_URL, else ${DEFAULT_URL})`)
    .option("--token <token>", "token or API key (default: TIDEGATE_TOKEN)")
    .option("--token-file <file>", "file that holds it");
}

export function endpointOf({ url, token, tokenFile }: EndpointFlags, { terminal: { env } }: Context): Endpoint {
  if (token !== undefined && tokenFile !== undefined) throw usageError("give --token or --token-file, not both");
  const given = tokenFile === undefined ? (token ?? env["TIDEGATE_TOKEN"]) : readToken(tokenFile);
  return { base: baseOf(url ?? env["TIDEGATE_URL"] ?? DEFAULT_URL), token: checked(given) };
}

/** Address of the WebSocket of the same server. */
export function socketUrl({ base }: Endpoint): string {
  return `${base.replace(/^http/, "ws")}/ws`;
}

/** Takes what people write: `localhost:8080`, a WebSocket address, a slash at the end. */
function baseOf(given: string): string {
  const text = given.includes("://") ? given.replace(/^ws(?=s?:)/, "http") : `http://${given}`;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw usageError(`--url ${JSON.stringify(given)} is no address; write it like ${DEFAULT_URL}`);
  if (url.username !== "" || url.search !== "" || url.hash !== "")
    throw usageError("--url takes no user, query or fragment; a token goes into TIDEGATE_TOKEN or --token-file");
  return `${url.origin}${url.pathname.replace(/\/(ws\/?)?$/, "")}`;
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw usageError(`--token-file cannot be read: ${textOf(error)}`);
  }
}

/** A header cannot hold spaces or controls in a token; the error must not show it. */
function checked(given: string | undefined): string | undefined {
  const token = given?.trim();
  if (token === undefined || token === "") return undefined;
  if (!/^[\x21-\x7e]+$/.test(token))
    throw usageError("the token has characters that no token has; is it the right one?");
  return token;
}
