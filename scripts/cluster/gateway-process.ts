import { join } from "node:path";

/** Lines of the log that tell why a start failed. */
const LINES = 10;
const CLI = join(import.meta.dir, "../../packages/cli/src/main.ts");

export interface GatewayOptions {
  readonly name: string;
  /** What it runs, a file and arguments. Default: `tidegate serve`. */
  readonly command?: readonly string[];
  /** Variables without their prefix: `HTTP_PORT`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Takes its log line by line. */
  readonly line: (line: string) => void;
  readonly ended: (how: string) => void;
}

/** What a gateway says when it listens. */
interface Listening {
  readonly msg?: unknown;
  readonly url?: unknown;
  readonly mqtt?: unknown;
}

/** One gateway as a process, which can be started again on the ports that it had. */
export class GatewayProcess {
  readonly #options: GatewayOptions;
  #child: ReturnType<typeof spawn> | undefined;
  #http: number | undefined;
  #mqtt: number | undefined;
  #stopping = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get pid(): number | undefined {
    return this.isRunning ? this.#child?.pid : undefined;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Port of HTTP and WebSocket; 0 before the first start. */
  get http(): number {
    return this.#http ?? 0;
  }

  get mqtt(): number | undefined {
    return this.#mqtt;
  }

  get url(): string {
    return `http://127.0.0.1:${this.http}`;
  }

  /** Resolves when it listens. Rejects with what it last said if it ends before that. */
  async start(): Promise<void> {
    this.#stopping = false;
    const child = (this.#child = spawn(this.#options.command ?? [CLI, "serve"], this.#variables()));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const last: string[] = [];
    let listens = false;
    const reading = readLines(child.stderr, (line) => {
      if (last.push(line) > LINES) last.shift();
      if (!listens && this.#heard(line)) {
        listens = true;
        resolve();
      }
      this.#options.line(line);
    });
    void Promise.all([child.exited, reading]).then(() => {
      if (!listens) reject(new Error(`${this.name} did not start:\n${last.join("\n")}`));
      else if (!this.#stopping) this.#options.ended(howEnded(child));
    });
    return promise;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Has it drain and end; resolves with its exit code, null if a signal ended it. */
  async stop(): Promise<number | null> {
    this.#stopping = true;
    this.signal("SIGTERM");
    await this.#child?.exited;
    return this.#child?.exitCode ?? null;
  }

  /** Ends it as a loss of power would. */
  async kill(): Promise<void> {
    this.#stopping = true;
    this.signal("SIGKILL");
    await this.#child?.exited;
  }

  #variables(): Readonly<Record<string, string>> {
    const ports = this.#http === undefined ? {} : { HTTP_PORT: `${this.#http}`, MQTT_PORT: `${this.#mqtt ?? 0}` };
    return { ...this.#options.variables, ...ports };
  }

  /** Whether the line says that it listens, and where. */
  #heard(line: string): boolean {
    const { msg, url, mqtt } = parsed(line);
    if (msg !== "listening" || typeof url !== "string") return false;
    this.#http = Number(new URL(url).port);
    this.#mqtt = typeof mqtt === "number" ? mqtt : undefined;
    return true;
  }
}

function spawn(command: readonly string[], variables: Readonly<Record<string, string>>) {
  const own = Object.entries({ OBSERVE_LOG_PRETTY: "false", ...variables });
  const env = { ...process.env, ...Object.fromEntries(own.map(([name, value]) => [`TIDEGATE_${name}`, value])) };
  // --no-orphans: it does not outlive whoever started it, however that one ended.
  return Bun.spawn([process.execPath, "--no-orphans", ...command], {
    env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    // A group of its own: Ctrl-C reaches whoever started it, and that one ends its gateways in order.
    detached: true,
  });
}

async function readLines(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  if (rest !== "") take(rest);
}

function parsed(line: string): Listening {
  try {
    return JSON.parse(line) as Listening;
  } catch {
    return {};
  }
}

function howEnded({ exitCode, signalCode }: Bun.Subprocess): string {
  return signalCode === null ? `with code ${exitCode}` : `by ${signalCode}`;
}
