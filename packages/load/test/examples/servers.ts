import { freePort } from "../../src/servers/free-port.ts";
import { nodeServer } from "../../src/servers/peers.ts";
import { ServerProcess } from "../../src/servers/server-process.ts";
import { startTidegate } from "../../src/servers/tidegate.ts";

/** Debian puts it where ordinary users do not look. */
export const MOSQUITTO = Bun.which("mosquitto", { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` });

/** The PATH may not have it, since there is no package of it: its program can be named. */
export const CENTRIFUGO = process.env["TIDEGATE_CENTRIFUGO"] ?? Bun.which("centrifugo");

export function startSocketIo(): Promise<ServerProcess> {
  return nodeServer("Socket.IO", "socket-io/server.mjs");
}

export function startAedes(): Promise<ServerProcess> {
  return nodeServer("aedes", "aedes/server.mjs");
}

export function startTidegateServer(): Promise<ServerProcess> {
  return startTidegate({ durability: "process", host: "127.0.0.1" });
}

/** With its defaults. */
export function startMosquitto(program: string): Promise<ServerProcess> {
  const port = freePort();
  return ServerProcess.start({
    name: "Mosquitto",
    command: [program, "-p", String(port)],
    ready: async (line) => {
      await line(/mosquitto version \S+ running/);
      return port;
    },
  });
}
