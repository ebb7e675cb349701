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

/** Asks a gateway how it is. Never rejects; undefined: no answer within `patience` milliseconds. */
export async function probe({ host, http }: Backend, patience: number): Promise<Health | undefined> {
  try {
    const signal = AbortSignal.timeout(patience);
    const answer = await fetch(`http://${host}:${http}/health/ready`, { signal, keepalive: false });
    if (answer.ok) return (await answer.arrayBuffer(), "ready");
    const { checks } = (await answer.json()) as Report;
    return checks?.node === "draining" ? "draining" : "unready";
  } catch (error) {
    return (error as Error).name === "TimeoutError" ? undefined : "gone";
  }
}
