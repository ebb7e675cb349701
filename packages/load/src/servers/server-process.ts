import type { Subprocess } from "bun";

/** How long a server may take to listen, and to end, in milliseconds. */
const START = 20_000;
const STOP = 10_000;
/** Characters of its output that are kept for the report of a failure. */
const KEPT_OUTPUT = 4000;

export interface Launch {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Resolves with the port once the server takes connections. `line` resolves with the first line of output that
   * matches; it rejects when there is none for too long.
   */
  ready(line: (pattern: RegExp) => Promise<RegExpExecArray>): Promise<number>;
  /** Called after it ended. */
  cleanUp?(): void;
}

export class ServerDidNotStart extends Error {
  constructor(server: string, cause: unknown, output: string) {
    super(`${server} did not start: ${String(cause)}\n${output}`, { cause });
    this.name = "ServerDidNotStart";
  }
}

/** A server under test: a process of its own, so that its CPU and memory can be read from outside. */
export class ServerProcess {
  readonly name: string;
  readonly port: number;
  readonly #process: Subprocess;
  readonly #launch: Launch;

  private constructor(launch: Launch, process: Subprocess, port: number) {
    this.name = launch.name;
    this.port = port;
    this.#launch = launch;
    this.#process = process;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Rejects with `ServerDidNotStart`, which holds what the server wrote. */
  static async start(launch: Launch): Promise<ServerProcess> {
    const child = Bun.spawn([...launch.command], {
      env: { ...process.env, ...launch.environment },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    // Whoever ends the benchmark ends the server, also with Ctrl-C.
    const abandon = (): void => {
      child.kill("SIGKILL");
      launch.cleanUp?.();
    };
    process.on("exit", abandon);
    void child.exited.then(() => process.off("exit", abandon));
    const output = new Output(child);
    const ended = child.exited.then((code) => Promise.reject(new Error(`it ended with exit code ${code}`)));
    // Also when it ends later, on purpose: nobody waits for this any more.
    ended.catch(() => {});
    try {
      const port = await Promise.race([launch.ready((pattern) => output.line(pattern)), ended]);
      return new ServerProcess(launch, child, port);
    } catch (error) {
      child.kill("SIGKILL");
      launch.cleanUp?.();
      throw new ServerDidNotStart(launch.name, error, output.text);
    }
  }

  /** SIGTERM, and SIGKILL if that is not enough. */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    const ended = await Promise.race([this.#process.exited, Bun.sleep(STOP)]);
    if (ended === undefined) {
      this.#process.kill("SIGKILL");
      await this.#process.exited;
    }
    this.#launch.cleanUp?.();
  }
}

/** What a process writes, kept to a bound and read to the end so that it never blocks. */
class Output {
  text = "";
  #changed = Promise.withResolvers<void>();

  constructor(process: Subprocess<"ignore", "pipe", "pipe">) {
    void this.#take(process.stdout);
    void this.#take(process.stderr);
  }

  async line(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = Bun.sleep(START).then(() => true);
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) return found;
      const late = await Promise.race([this.#changed.promise.then(() => false), deadline]);
      if (late) throw new Error(`no line like ${pattern} within ${START / 1000} s`);
    }
  }

  async #take(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text = (this.text + decoder.decode(chunk, { stream: true })).slice(-KEPT_OUTPUT);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }
}
