import { join } from "node:path";
import type { MqttNode } from "./node.ts";
import { until } from "../../support/until.ts";

/** The command-line clients of Mosquitto. Debian: apt-get install mosquitto-clients. */
export class Mosquitto {
  static readonly isThere = ["pub", "sub", "rr"].every((name) => Bun.which(`mosquitto_${name}`) !== null);

  readonly #node: () => MqttNode;
  #count = 0;

  constructor(node: () => MqttNode) {
    this.#node = node;
  }

  async publish(flags: readonly string[]): Promise<void> {
    await this.#run("pub", flags);
  }

  /** Asks and returns the lines of the answer. */
  request(flags: readonly string[]): Promise<readonly string[]> {
    return this.#run("rr", ["-W", "10", ...flags]);
  }

  /** Resolves, when the server has the subscriptions, with what resolves with the lines that were printed. */
  async subscribe(
    flags: readonly string[],
    clientId = `sub-${++this.#count}`,
  ): Promise<{ lines: Promise<readonly string[]> }> {
    const lines = this.#run("sub", ["-W", "10", "-i", clientId, ...flags]);
    // One that has what it wants at once is over again. Whoever asks for the lines sees a fault of the program.
    let isOver = false;
    void lines.catch(() => undefined).then(() => (isOver = true));
    const { roster } = this.#node().context;
    const isThere = (): boolean =>
      [...roster].some((client) => client.clientId === clientId && client.state.subscriptions.length > 0);
    await until(() => isOver || isThere());
    return { lines };
  }

  async #run(name: string, flags: readonly string[]): Promise<readonly string[]> {
    const child = Bun.spawn([`mosquitto_${name}`, "-h", "127.0.0.1", "-p", String(this.#node().mqtt), ...flags], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    if ((await child.exited) !== 0) throw new Error(`mosquitto_${name} ${flags.join(" ")}: ${errors}`);
    return out.split("\n").filter((line) => line !== "");
  }
}

const PYTHON = process.env["PYTHON"] ?? "python3";

/** Debian: apt-get install python3-paho-mqtt. `PYTHON` names another Python. */
export function hasPaho(): boolean {
  if (Bun.which(PYTHON) === null) return false;
  return Bun.spawnSync([PYTHON, "-c", "import paho.mqtt.client"], { stdout: "ignore", stderr: "ignore" }).success;
}

/** Runs the script of that name beside this file; returns what it found wrong. */
export async function runPaho(port: number): Promise<readonly string[]> {
  const script = join(import.meta.dir, "paho_client.py");
  const child = Bun.spawn([PYTHON, script, String(port)], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`paho_client.py: ${errors}`);
  return out.split("\n").filter((line) => line !== "");
}
