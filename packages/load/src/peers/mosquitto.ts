import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mqttDialect } from "../dialect/mqtt/dialect.ts";
import { freePort } from "../servers/free-port.ts";
import { PEERS } from "../servers/peers.ts";
import { ServerProcess } from "../servers/server-process.ts";
import { CannotHave, type Peer } from "./peer.ts";
import { versionOfTool } from "./versions.ts";

const REMEDY = "install Mosquitto: apt-get install mosquitto";

/** Debian puts it where ordinary users do not look. */
const PLACES = `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin`;

export const mosquitto: Peer = {
  id: "mosquitto",
  name: "Mosquitto",
  dialect: mqttDialect,
  guarantees: {
    stores: "no (persistence off)",
    acknowledges: "QoS 1 publish: when it was taken in; delivery is QoS 0",
    orders: "per publisher",
    recovers: "no; with persistent sessions it queues for a client that is away",
  },
  prepare: () => {
    const program = Bun.which("mosquitto", { PATH: PLACES });
    if (program === null) return Promise.reject(new CannotHave("mosquitto is not installed", REMEDY));
    const version = versionOfTool("", [program, "-h"]).replace(program, "Mosquitto");
    return Promise.resolve({ version, start: (host = "127.0.0.1") => start(program, host) });
  },
};

function start(program: string, host: string): Promise<ServerProcess> {
  const directory = mkdtempSync(join(tmpdir(), "tidegate-mosquitto-"));
  const port = freePort();
  const config = join(directory, "mosquitto.conf");
  // As root it would change to a user of its own, whose limit of open files is lower.
  const user = process.getuid?.() === 0 ? "user root\n" : "";
  const settings = readFileSync(join(PEERS, "mosquitto/mosquitto.conf"), "utf8");
  writeFileSync(config, `listener ${port} ${host}\n${user}${settings}`);
  return ServerProcess.start({
    name: "Mosquitto",
    command: [program, "-c", config],
    ready: async (line) => {
      await line(/mosquitto version \S+ running/);
      return port;
    },
    cleanUp: () => rmSync(directory, { recursive: true, force: true }),
  });
}
