import { join } from "node:path";
import { mqttDialect } from "../dialect/mqtt/dialect.ts";
import { plainDialect } from "../dialect/plain.ts";
import { socketIoDialect } from "../dialect/socket-io.ts";
import { nodeServer, PEERS, roomServer } from "../servers/peers.ts";
import { build, type Recipe } from "./build.ts";
import { centrifugo } from "./centrifugo.ts";
import { mosquitto } from "./mosquitto.ts";
import type { Guarantees, Peer, ReadyPeer } from "./peer.ts";
import { versionOfPackage, versionOfTool } from "./versions.ts";

/** What a room server without storage gives, in any language. */
const ROOM: Guarantees = {
  stores: "no",
  acknowledges: "when it was handed to the members' sockets or queues",
  orders: "per sender; members may see two senders' messages in different order",
  recovers: "no: what is missed while away is lost",
};

/** One thread handles a publish from the first member to the last. */
const ROOM_OF_ONE_THREAD: Guarantees = { ...ROOM, orders: "per room" };

/** Every peer, in the order of the tables. */
export const CATALOG: readonly Peer[] = [
  {
    id: "plain-ws",
    name: "plain ws",
    dialect: plainDialect,
    guarantees: ROOM_OF_ONE_THREAD,
    prepare: () => nodePeer("ws", "plain ws", "plain-ws/server.mjs"),
  },
  {
    id: "socket-io",
    name: "Socket.IO",
    dialect: socketIoDialect,
    guarantees: ROOM_OF_ONE_THREAD,
    prepare: () => nodePeer("socket.io", "Socket.IO", "socket-io/server.mjs"),
  },
  mosquitto,
  {
    id: "aedes",
    name: "aedes",
    dialect: mqttDialect,
    guarantees: {
      ...ROOM_OF_ONE_THREAD,
      acknowledges: "QoS 1 publish: when it was taken in; delivery is QoS 0",
      orders: "per publisher",
    },
    prepare: () => nodePeer("aedes", "aedes", "aedes/server.mjs"),
  },
  centrifugo,
  built("go-gorilla", "Go gorilla", {
    tool: "go",
    remedy: "install Go 1.22 or later",
    command: (out) => ["go", "build", "-trimpath", "-o", join(out, "server"), "."],
    run: (out) => [join(out, "server")],
    version: () => versionOfTool("gorilla/websocket 1.5.3", ["go", "version"]),
  }),
  built("rust-tokio", "Rust tokio", {
    tool: "cargo",
    remedy: "install Rust 1.85 or later",
    command: (out) => ["cargo", "build", "--release", "--target-dir", join(out, "target")],
    run: (out) => [join(out, "target/release/rust-tokio")],
    version: () => versionOfTool("tokio-tungstenite 0.30.0", ["rustc", "--version"]),
  }),
  built("java-netty", "Java Netty", {
    tool: "mvn",
    remedy: "install a JDK 17 or later and Maven",
    command: (out) => ["mvn", "-q", "-B", `-Dpeer.out=${out}`, "process-classes"],
    run: (out) => ["java", "-cp", `${join(out, "classes")}:${join(out, "lib")}/*`, "RoomServer"],
    version: () => versionOfTool("Netty 4.2.7", ["java", "-version"]),
  }),
];

interface Source extends Pick<Recipe, "tool" | "remedy" | "command"> {
  readonly run: (out: string) => readonly string[];
  readonly version: () => string;
}

/** A room server of our own in another language; it speaks the plain protocol. */
function built(id: string, name: string, { run, version, ...recipe }: Source): Peer {
  return {
    id,
    name,
    dialect: plainDialect,
    guarantees: ROOM,
    prepare: async (workshop) => {
      const out = await build({ name, source: join(PEERS, id), ...recipe }, workshop);
      return { version: version(), start: () => roomServer(name, run(out)) };
    },
  };
}

async function nodePeer(dependency: string, name: string, script: string): Promise<ReadyPeer> {
  const version = await versionOfPackage(dependency);
  return {
    version: `${dependency} ${version}, ${versionOfTool("", ["node", "--version"]).trim()}`,
    start: (host) => nodeServer(name, script, host),
  };
}
