import type { Context } from "../context.ts";
import { CliError } from "../exit.ts";
import { parseExact } from "../text/exact-json.ts";
import type { WireMessage } from "../text/message-line.ts";
import { positionText, type Position } from "../text/position.ts";
import type { Endpoint } from "./endpoint.ts";
import { errorIn, networkCause, NoServerError, RefusedError } from "./faults.ts";

export interface Published extends Position {
  readonly duplicate: boolean;
}

export interface HistoryQuery {
  readonly topic: string;
  readonly after?: Position | undefined;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

export interface HistoryPage {
  readonly epoch: string;
  readonly messages: readonly WireMessage[];
  readonly more: boolean;
  readonly complete: boolean;
}

interface Init {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Milliseconds for an answer: a server that is alive and busy has less. */
const PATIENCE = 30_000;

/** The server's HTTP API. Everything rejects with a CliError. */
export class Api {
  readonly #endpoint: Endpoint;
  readonly #fetch: Context["fetch"];

  constructor(endpoint: Endpoint, { fetch }: Pick<Context, "fetch">) {
    this.#endpoint = endpoint;
    this.#fetch = fetch;
  }

  /** `body` is the JSON of one message. */
  async publish(body: string): Promise<Published> {
    return (await this.#post("/v1/publish", body)) as Published;
  }

  /** The same for several; an answer, or the error of a refusal, for each. */
  async publishAll(bodies: readonly string[]): Promise<readonly unknown[]> {
    return (await this.#post("/v1/publish", `[${bodies.join(",")}]`)) as readonly unknown[];
  }

  async history({ topic, after, before, limit }: HistoryQuery): Promise<HistoryPage> {
    const query = new URLSearchParams({ topic });
    if (after !== undefined) query.set("after", positionText(after));
    if (before !== undefined) query.set("before", String(before));
    if (limit !== undefined) query.set("limit", String(limit));
    // URLSearchParams writes a space as +, which the server takes for what it is.
    return (await this.#request(`/v1/history?${query}`, {})) as HistoryPage;
  }

  /** The list of nodes as it came. */
  async nodes(): Promise<unknown> {
    return this.#request("/v1/nodes", {});
  }

  /** Resolves if something answers there at all. Rejects with NoServerError. */
  async reach(): Promise<void> {
    await this.#exchange(`${this.#endpoint.base}/health/live`, {});
  }

  #post(path: string, body: string): Promise<unknown> {
    return this.#request(path, { method: "POST", body, headers: { "Content-Type": "application/json" } });
  }

  async #request(path: string, init: Init): Promise<unknown> {
    const { base, token } = this.#endpoint;
    const headers = { ...init.headers, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) };
    const { status, text } = await this.#exchange(`${base}${path}`, { ...init, headers });
    const value = jsonOf(text);
    const error = Array.isArray(value) ? undefined : errorIn(value);
    if (error !== undefined) throw new RefusedError(error);
    if (status !== 200 || value === undefined)
      throw new CliError(`${base}${path.replace(/\?.*/, "")} answered ${status}: is it a Tidegate server?`);
    return value;
  }

  async #exchange(url: string, init: Init): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const response = await this.#fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new NoServerError(this.#endpoint, networkCause(error));
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}
