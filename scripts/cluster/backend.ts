/** A gateway as the balancer knows it. */
export interface Backend {
  readonly name: string;
  readonly host: string;
  /** Its HTTP port: probes go there too. */
  readonly http: number;
  readonly mqtt?: number | undefined;
}

/**
 * What the last probes of a gateway said: `ready`; `unready`, it lives and something that it needs is away; `draining`, it sends its
 * clients elsewhere; `gone`, it does not answer.
 */
export type Health = "ready" | "unready" | "draining" | "gone";

interface Report {
  readonly checks?: { readonly node?: unknown };
}

/**
 * Asks a gateway how it is. Never rejects; undefined: it does not answer. One that cannot say within `patience` milliseconds whether it is
 * ready, as while NATS stands still, but answers otherwise, lives.
 */
export async function probe({ host, http }: Backend, patience: number): Promise<Health | undefined> {
  const url = `http://${host}:${http}/health`;
  try {
    const answer = (await ask(`${url}/ready`, patience)) ?? (await ask(`${url}/live`, patience));
    if (answer === undefined) return undefined;
    if (answer.ok && answer.url.endsWith("/ready")) return "ready";
    const { checks } = (await answer.json()) as Report;
    return checks?.node === "draining" ? "draining" : "unready";
  } catch (error) {
    // Anything else, such as no more files on this side, says nothing of the gateway.
    return (error as { readonly code?: unknown }).code === "ECONNREFUSED" ? "gone" : undefined;
  }
}

/** Undefined: no answer within the time. Rejects if nobody listens. */
async function ask(url: string, patience: number): Promise<Response | undefined> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(patience), keepalive: false });
  } catch (error) {
    if ((error as Error).name === "TimeoutError") return undefined;
    throw error;
  }
}
