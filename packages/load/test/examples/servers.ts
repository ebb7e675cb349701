import { join } from "node:path";
import { until } from "../../src/measure/wait.ts";
import { freePort } from "../../src/servers/free-port.ts";
import { nodeServer, PEERS } from "../../src/servers/peers.ts";
import { ServerProcess } from "../../src/servers/server-process.ts";
import { startTidegate } from "../../src/servers/tidegate.ts";

/** Milliseconds until Centrifugo takes connections. */
const START = 20_000;

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

/** With the configuration that the example names. */
export function startCentrifugo(program: string): Promise<ServerProcess> {
  const port = freePort();
  return ServerProcess.start({
    name: "Centrifugo",
    command: [program, "--config", join(PEERS, "centrifugo/config.json")],
    environment: { CENTRIFUGO_HTTP_SERVER_PORT: String(port), CENTRIFUGO_HEALTH_ENABLED: "true" },
    ready: async () => {
      let well = false;
      const ask = (): void => {
        void fetch(`http://127.0.0.1:${port}/health`).then(
          ({ status }) => (well ||= status === 200),
          () => false,
        );
      };
      await until("Centrifugo's /health", START, () => (ask(), well));
      return port;
    },
  });
}
