import type { Options } from "@tidegate/server";
import type { Context } from "../context.ts";
import type { Finding } from "./finding.ts";

export type RunningState = "none" | "ready" | "not ready" | "other";

/** Milliseconds for the probe of a server on this machine. */
const PATIENCE = 3000;

/** Whether a server runs where the configuration says, and what it says of itself. */
export async function checkRunning(
  options: Options,
  { fetch }: Pick<Context, "fetch">,
): Promise<{ readonly state: RunningState; readonly finding: Finding }> {
  const url = urlOf(options);
  const finding = (level: Finding["level"], found: string, fix?: string): Finding => ({
    group: "Program",
    name: "running server",
    level,
    found,
    fix,
  });
  const answer = await probe(`${url}/health/ready`, fetch);
  if (answer === undefined) return { state: "none", finding: finding("skip", `none at ${url}`) };
  const { ready, checks } = answer;
  if (ready === true) return { state: "ready", finding: finding("ok", `${url} is ready`) };
  if (ready !== false)
    return { state: "other", finding: finding("skip", `what answers at ${url} is no Tidegate server`) };
  const wrong = Object.entries(checks ?? {}).filter(([, result]) => result !== "ok");
  const found = `${url} is not ready: ${wrong.map(([name, result]) => `${name} ${result}`).join(", ")}`;
  return { state: "not ready", finding: finding("fail", found, "see the server's log") };
}

interface Answer {
  readonly ready?: boolean;
  readonly checks?: Readonly<Record<string, string>>;
}

/** An answer without `ready` comes from another program. */
async function probe(url: string, fetch: Context["fetch"]): Promise<Answer | undefined> {
  try {
    // Whether its certificate is trusted here is not the question, and nothing secret is sent.
    const tls = { rejectUnauthorized: false };
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE), redirect: "manual", tls });
    return await response.json().then(
      (value: unknown) => (value ?? {}) as Answer,
      () => ({}),
    );
  } catch {
    return undefined;
  }
}

function urlOf({ http: { host, port, tls } }: Options): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const shown = reachable.includes(":") && !reachable.startsWith("[") ? `[${reachable}]` : reachable;
  return `${tls.cert === undefined ? "http" : "https"}://${shown}:${port}`;
}
