import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Launch, ServerProcess } from "./server-process.ts";

export const PEERS = join(import.meta.dir, "../../peers");

/** The room server on Node with `ws`. `host` is the address to listen on. */
export function startPlain(host: string): Promise<ServerProcess> {
  return nodeServer("plain ws", "plain-ws/server.mjs", host);
}

/** A server on Node; `script` is its path in the folder of the peers, `host` the address to listen on. */
export function nodeServer(name: string, script: string, host = "127.0.0.1"): Promise<ServerProcess> {
  const launch = peer(name, ["node", join(PEERS, script)]);
  return ServerProcess.start({ ...launch, environment: { ...launch.environment, HOST: host } });
}

/** A server that takes a free port and says which. */
export function roomServer(name: string, command: readonly string[]): Promise<ServerProcess> {
  return ServerProcess.start(peer(name, command));
}

export function startPlainEcho(): Promise<ServerProcess> {
  return ServerProcess.start(peer("ws echo", ["node", join(PEERS, "plain-ws/echo.mjs")]));
}

export function startBunEcho(): Promise<ServerProcess> {
  return ServerProcess.start(peer("Bun.serve echo", [process.execPath, join(PEERS, "bun-echo/server.ts")]));
}

/** `binary` is what `buildEpollEcho` made. */
export function startEpollEcho(binary: string): Promise<ServerProcess> {
  return ServerProcess.start(peer("epoll echo in C", [binary]));
}

/** Compiles the echo in C; undefined if the machine has no C compiler. Throws if the compiler refuses it. */
export function buildEpollEcho(directory: string): string | undefined {
  const compiler = Bun.which("cc");
  if (compiler === null) return undefined;
  mkdirSync(directory, { recursive: true });
  const binary = join(directory, "epoll-echo");
  const source = join(PEERS, "epoll-echo/echo.c");
  const { exitCode, stderr } = Bun.spawnSync([compiler, "-O2", "-Wall", "-Wextra", "-o", binary, source]);
  if (exitCode !== 0) throw new Error(`the echo in C does not compile:\n${stderr.toString()}`);
  return binary;
}

/** All peers take a free port and say which. */
function peer(name: string, command: readonly string[]): Launch {
  return {
    name,
    command,
    environment: { PORT: "0" },
    ready: async (line) => Number((await line(/listening (\d+)/))[1]),
  };
}
