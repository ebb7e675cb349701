import { mqttDialect } from "../../src/dialect/mqtt/dialect.ts";
import { peersCache } from "../../src/peers/build.ts";
import { CATALOG } from "../../src/peers/catalog.ts";
import { CannotHave } from "../../src/peers/peer.ts";
import type { ServerProcess } from "../../src/servers/server-process.ts";
import { type Durability, startTidegate } from "../../src/servers/tidegate.ts";
import { type Contestant, LOOPBACK } from "../support/contestants.ts";

/** An MQTT server that takes part. */
export interface Broker extends Contestant {
  readonly version: string;
  /** A Tidegate. */
  readonly own: boolean;
  /** Listens on all addresses; a Tidegate asks for tokens there, which `secret` signs. */
  startOpen(secret: string): Promise<ServerProcess>;
}

export interface MqttField {
  readonly brokers: readonly Broker[];
  /** Why a peer is not among them, and how to have it. */
  readonly missing: readonly string[];
}

const PEERS = ["mosquitto", "aedes"];

export async function prepareField(entry: string | undefined, progress: (text: string) => void): Promise<MqttField> {
  const workshop = { cache: peersCache(process.env), progress };
  const brokers: Broker[] = [own("memory", entry), own("process", entry)];
  const missing: string[] = [];
  for (const { name, prepare } of CATALOG.filter(({ id }) => PEERS.includes(id)))
    try {
      const { version, start } = await prepare(workshop);
      const startOpen = (): Promise<ServerProcess> => start("0.0.0.0");
      brokers.push({ name, hosts: LOOPBACK, dialect: mqttDialect, start, version, own: false, startOpen });
    } catch (error) {
      if (!(error instanceof CannotHave)) throw error;
      missing.push(`${name} was not measured: ${error.message}. To have it: ${error.remedy}.`);
    }
  return { brokers, missing };
}

function own(durability: Durability, entry: string | undefined): Broker {
  const options = { durability, entry, port: "mqtt" } as const;
  return {
    name: `tidegate ${durability}`,
    hosts: LOOPBACK,
    dialect: mqttDialect,
    version: "this repository",
    own: true,
    start: () => startTidegate({ ...options, host: "127.0.0.1" }),
    startOpen: (secret) => startTidegate({ ...options, secret, host: "0.0.0.0" }),
  };
}
