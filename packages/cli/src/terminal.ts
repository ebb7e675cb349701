/** Where a command's words go and come from. */
export interface Terminal {
  /** What was asked for: another program may read it. Resolves when it was taken, so that a slow reader slows the writer. */
  out(text: string): Promise<void>;
  /** Everything that is said about it. */
  err(text: string): void;
  /** Resolves when all of it is written. */
  flush(): Promise<void>;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  readonly inIsTty: boolean;
  input(): AsyncIterable<Uint8Array>;
  /** Whether the terminal shows what is typed. Without it every key comes at once, Ctrl-C too. */
  setEcho(isOn: boolean): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls `listener` at each SIGINT and SIGTERM. Returns what ends that. */
  onSignal(listener: (signal: NodeJS.Signals) => void): () => void;
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  // The reader has gone, as `head` does when it has enough: there is nobody to write for, and nothing to complain about.
  stdout.on("error", () => process.exit(0));
  // Without a standard error there is no place to say so.
  stderr.on("error", () => {});
  return {
    out: (text) => new Promise((resolve) => void stdout.write(text, () => resolve())),
    err: (text) => void stderr.write(text),
    flush: async () => {
      await new Promise((resolve) => void stdout.write("", resolve));
      await new Promise((resolve) => void stderr.write("", resolve));
    },
    outIsTty: stdout.isTTY === true,
    errIsTty: stderr.isTTY === true,
    inIsTty: stdin.isTTY === true,
    input: () => stdin,
    setEcho: (isOn) => void stdin.setRawMode(!isOn),
    env: process.env,
    cwd: process.cwd(),
    onSignal,
  };
}

function onSignal(listener: (signal: NodeJS.Signals) => void): () => void {
  process.on("SIGINT", listener).on("SIGTERM", listener);
  return () => void process.off("SIGINT", listener).off("SIGTERM", listener);
}
