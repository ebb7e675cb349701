import { join } from "node:path";

const MAIN = join(import.meta.dir, "../../src/main.ts");

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
}

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The real command as a child process, with nothing of this one's TIDEGATE_ variables. */
export class Child {
  readonly #process: Bun.Subprocess<Uint8Array<ArrayBuffer>, "pipe", "pipe">;
  readonly #out: Gathered;
  readonly #err: Gathered;

  constructor(args: readonly string[], { env = {}, cwd = "/", stdin = "" }: ChildOptions = {}) {
    const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
    this.#process = Bun.spawn([process.execPath, MAIN, ...args], {
      cwd,
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stdin: bytes,
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#out = new Gathered(this.#process.stdout);
    this.#err = new Gathered(this.#process.stderr);
  }

  /** Resolves when the standard output, or the error, holds it; rejects if they end before. */
  sees(pattern: RegExp, where: "out" | "err" = "out"): Promise<RegExpExecArray> {
    return (where === "out" ? this.#out : this.#err).find(pattern);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async finished(): Promise<Finished> {
    const [out, err, code] = await Promise.all([this.#out.all(), this.#err.all(), this.#process.exited]);
    return { code, out, err };
  }
}

/** Runs it to its end. */
export function run(args: readonly string[], options: ChildOptions = {}): Promise<Finished> {
  return new Child(args, options).finished();
}

/** The text of a stream so far. */
class Gathered {
  #text = "";
  #ended = false;
  #wake: (() => void)[] = [];
  readonly #end: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#end = this.#read(stream);
  }

  async all(): Promise<string> {
    await this.#end;
    return this.#text;
  }

  async find(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      if (this.#ended) throw new Error(`${pattern} never came; there was: ${this.#text}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.#add(decoder.decode(chunk, { stream: true }));
    this.#ended = true;
    this.#add("");
  }

  #add(text: string): void {
    this.#text += text;
    for (const wake of this.#wake.splice(0)) wake();
  }
}
