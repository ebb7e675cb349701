/** Where a command's words go and come from; tests hand in their own. */
export interface Terminal {
  /** What was asked for: another program may read it. */
  out(text: string): void;
  /** Everything said about it. */
  err(text: string): void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export function processTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTty: process.stdout.isTTY,
    errIsTty: process.stderr.isTTY,
    env: process.env,
    cwd: process.cwd(),
  };
}
