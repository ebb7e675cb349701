import { existsSync } from "node:fs";
import { join } from "node:path";
import { centrifugoDialect } from "../dialect/centrifugo.ts";
import { answers } from "../servers/answers.ts";
import { freePort } from "../servers/free-port.ts";
import { PEERS } from "../servers/peers.ts";
import { ServerProcess } from "../servers/server-process.ts";
import { build } from "./build.ts";
import { CannotHave, type Peer, type Workshop } from "./peer.ts";
import { versionOfTool } from "./versions.ts";

const MODULE = "github.com/centrifugal/centrifugo/v6";
const VERSION = "v6.8.3";
const REMEDY = `put a centrifugo 6 on the PATH: a release, one built from its repository, or by go install ${MODULE}@${VERSION}`;

/** Milliseconds until it takes connections. */
const START = 20_000;

/** Channels with history in memory, so that clients can recover what they missed. */
export const centrifugo: Peer = {
  id: "centrifugo",
  name: "Centrifugo",
  dialect: centrifugoDialect,
  guarantees: {
    stores: "the last 100 of a channel, in memory",
    acknowledges: "when it is in the channel's history",
    orders: "per channel",
    recovers: "yes, by epoch and offset, within the history",
  },
  prepare: async (workshop) => {
    const program = Bun.which("centrifugo") ?? (await install(workshop));
    return {
      version: versionOfTool("", [program, "version"]).replace(program, "Centrifugo"),
      start: () => startCentrifugo(program),
    };
  },
};

async function install(workshop: Workshop): Promise<string> {
  const out = await build(
    {
      name: "Centrifugo",
      tool: "go",
      remedy: REMEDY,
      source: join(PEERS, "centrifugo"),
      command: () => ["go", "install", `${MODULE}@${VERSION}`],
      environment: (directory) => ({ GOBIN: directory }),
    },
    workshop,
  );
  const program = join(out, "centrifugo");
  if (!existsSync(program)) throw new CannotHave("go install made no centrifugo", REMEDY);
  return program;
}

export function startCentrifugo(program: string): Promise<ServerProcess> {
  const port = freePort();
  return ServerProcess.start({
    name: "Centrifugo",
    command: [program, "--config", join(PEERS, "centrifugo/config.json")],
    environment: {
      CENTRIFUGO_HTTP_SERVER_ADDRESS: "127.0.0.1",
      CENTRIFUGO_HTTP_SERVER_PORT: String(port),
      CENTRIFUGO_HEALTH_ENABLED: "true",
    },
    ready: async () => {
      await answers(`http://127.0.0.1:${port}/health`, START);
      return port;
    },
  });
}
