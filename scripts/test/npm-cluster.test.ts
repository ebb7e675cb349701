import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../packages/server/test/support/until.ts";
import { findNatsServer } from "../servers/nats.ts";
import { sees } from "./sees.ts";

const root = join(import.meta.dir, "../..");
const NATS = findNatsServer();
const running = new Set<Run>();

afterAll(() => {
  for (const run of running) run.remove();
});

/** `npm run cluster` as a person starts it, in a process group of its own, as a terminal makes one. */
class Run {
  readonly #directory = mkdtempSync(join(tmpdir(), "tidegate-npm-cluster-"));
  readonly #child;
  readonly #reading: readonly Promise<void>[];
  text = "";

  constructor(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    running.add(this);
    const command = ["npm", "run", "-s", "cluster", "--", "--port", "0", "--mqtt-port", "0", "--dir", this.#directory];
    this.#child = Bun.spawn([...command, ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      detached: true,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#reading = [this.#read(this.#child.stdout), this.#read(this.#child.stderr)];
  }

  /** Resolves when it has printed what can be tried. */
  async ready(): Promise<void> {
    await until(() => this.text.includes("Ctrl-C stops all") || this.#child.exitCode !== null);
    expect(this.text).toContain("Ctrl-C stops all");
  }

  /** What it printed for a row: address and pid. */
  row(name: string): { readonly url: string; readonly pid: number } {
    const line = this.text.split("\n").findLast((each) => each.startsWith(`  ${name} `)) ?? "";
    return { url: /\w+:\/\/[\d.:]+/.exec(line)?.[0] ?? "", pid: Number(/pid (\d+)/.exec(line)?.[1] ?? 0) };
  }

  enter(): void {
    void this.#child.stdin.write("\n");
    void this.#child.stdin.flush();
  }

  /** As Ctrl-C in a terminal: the whole group gets it. */
  interrupt(): void {
    process.kill(-this.#child.pid, "SIGINT");
  }

  terminate(): void {
    this.#child.kill("SIGTERM");
  }

  /** Resolves with the exit code when all that it had to say was read. */
  async ended(): Promise<number> {
    await Promise.all(this.#reading);
    return this.#child.exited;
  }

  remove(): void {
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.text += decoder.decode(chunk, { stream: true });
  }
}

const GATEWAYS = ["gateway-1", "gateway-2", "gateway-3"];

test.skipIf(NATS === undefined)(
  "CL10 CL11 npm run cluster: the page, a message from one gateway to another, and nothing is left after Ctrl-C",
  async () => {
    const run = new Run();
    await run.ready();
    const page = await fetch(`${run.row("Page").url}/`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html;charset=utf-8"]);
    const [one, two] = [run.row("gateway-1").url, run.row("gateway-2").url];
    const stream = await fetch(`${one}/v1/subscribe?topic=chat/room_1`);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ topic: "chat/room_1", data: { text: "from another gateway" } });
    expect((await fetch(`${two}/v1/publish`, { method: "POST", headers, body })).status).toBe(200);
    expect(await sees(stream, "from another gateway")).toBe(true);
    const rows = [...GATEWAYS, "NATS"].map((name) => run.row(name));
    expect(rows.every(({ pid }) => isAlive(pid))).toBe(true);
    run.interrupt();
    // npm itself says 130, which is 128 and the number of the signal.
    expect(await run.ended()).toBe(130);
    await until(() => rows.every(({ pid }) => !isAlive(pid)));
    for (const { url } of [...rows, run.row("Page"), run.row("MQTT")]) expect(await isOpen(url)).toBe(false);
  },
  60_000,
);

test.skipIf(NATS === undefined)(
  "CL11 CL12 a gateway that was killed is told of and started again by Enter, on its port; SIGTERM ends all",
  async () => {
    const run = new Run(["--gateways", "2"]);
    await run.ready();
    const { pid, url } = run.row("gateway-2");
    process.kill(pid, "SIGKILL");
    await until(() => run.text.includes("gateway-2  ended by SIGKILL; press Enter to start it again"));
    expect((await fetch(`${run.row("Page").url}/health/ready`)).status).toBe(200);
    run.enter();
    await until(() => /gateway-2 {2}runs again with pid \d+/.test(run.text));
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const again = Number(/runs again with pid (\d+)/.exec(run.text)?.[1]);
    run.terminate();
    await run.ended();
    await until(() => [again, run.row("gateway-1").pid, run.row("NATS").pid].every((each) => !isAlive(each)));
  },
  60_000,
);

test.skipIf(NATS === undefined)(
  "CL12 with --restart a gateway that was killed is started again by itself",
  async () => {
    const run = new Run(["--gateways", "1", "--restart"]);
    await run.ready();
    process.kill(run.row("gateway-1").pid, "SIGKILL");
    await until(() => run.text.includes("gateway-1  ended by SIGKILL; it is started again"));
    await until(() => /gateway-1 {2}runs again with pid \d+/.test(run.text));
    expect((await fetch(`${run.row("gateway-1").url}/health/live`)).status).toBe(200);
    run.terminate();
    await run.ended();
  },
  60_000,
);

test("CL13 what cannot be is told in a sentence: an argument, a port that is taken, no NATS", async () => {
  const wrong = new Run(["--gateways", "many"]);
  expect(await wrong.ended()).toBe(1);
  expect(wrong.text).toBe('--gateways: "many" is not a whole number from 1 to 16\n');
  const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const taken = new Run(["--port", String(other.port)], { NATS_SERVER: NATS ?? "/bin/true" });
  expect(await taken.ended()).toBe(1);
  expect(taken.text).toStartWith(`Port ${other.port} is taken.`);
  other.stop();
  const none = new Run([], { NATS_SERVER: "/nowhere/nats-server" });
  expect(await none.ended()).toBe(1);
  expect(none.text).toContain("/nowhere/nats-server");
}, 30_000);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  try {
    (await Bun.connect({ hostname, port: Number(port), socket: { data() {}, connectError() {} } })).end();
    return true;
  } catch {
    return false;
  }
}
