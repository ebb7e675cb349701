import type { GatewayProcess } from "../../../../../scripts/cluster/gateway-process.ts";

const INTERVAL = 100;

/** Asks a gateway all the time whether it is ready, and remembers when its answer changed. */
export class Watch {
  readonly #url: string;
  readonly #changes: { readonly at: number; readonly status: number }[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  constructor({ url }: GatewayProcess) {
    this.#url = url;
    this.#timer = setInterval(() => void this.#look(), INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** HTTP status of the newest answer; 0: there was none within two seconds. */
  get status(): number {
    return this.#changes.at(-1)?.status ?? 0;
  }

  /** When it first said so after a moment (of `performance.now()`), in milliseconds since then; 0: it did already; undefined: it did not. */
  saidAfter(moment: number, status: number): number | undefined {
    if (this.#changes.findLast((change) => change.at < moment)?.status === status) return 0;
    const found = this.#changes.find((change) => change.at >= moment && change.status === status);
    return found && found.at - moment;
  }

  async #look(): Promise<void> {
    let status = 0;
    try {
      const signal = AbortSignal.timeout(2000);
      status = (await fetch(`${this.#url}/health/ready`, { signal, keepalive: false })).status;
    } catch {
      // Nobody answers: that is what 0 says.
    }
    if (status !== this.#changes.at(-1)?.status) this.#changes.push({ at: performance.now(), status });
  }
}
