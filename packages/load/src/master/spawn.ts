import type { Subprocess } from "bun";

/** Milliseconds for a local agent to listen. */
const START = 20_000;

export interface LocalAgent {
  /** host:port. */
  readonly at: string;
  readonly process: Subprocess;
}

/**
 * Starts an agent as a process of its own. `command` is what runs `tidegate load agent` here; the secret goes by the
 * environment, where others of the machine cannot read it. Throws if it does not start.
 */
export async function spawnAgent(command: readonly string[], secret: string): Promise<LocalAgent> {
  const child = Bun.spawn([...command, "--listen", "127.0.0.1:0", "--once"], {
    env: { ...process.env, TIDEGATE_LOAD_SECRET: secret },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    // A Ctrl-C is for the master: it ends its agents in good order.
    detached: true,
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), START);
  let output = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += chunk;
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
    if (port === undefined) continue;
    clearTimeout(timer);
    return { at: `127.0.0.1:${port}`, process: child };
  }
  clearTimeout(timer);
  throw new Error(`a load agent did not start: ${output.trim() || `exit code ${await child.exited}`}`);
}
