import type { MqttVersion } from "@tidegate/protocol/mqtt";
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
  /** The one version that it speaks, if it does not speak both. */
  readonly only: MqttVersion | undefined;
  /** Listens on all addresses and lets everybody in. */
  startOpen(): Promise<ServerProcess>;
  /** Listens on all addresses and lets in whoever has a token that `secret` signed. */
  startGuarded?(secret: string): Promise<ServerProcess>;
}

export interface MqttField {
  readonly brokers: readonly Broker[];
  /** Why a peer is not among them, and how to have it. */
  readonly missing: readonly string[];
}

const PEERS = ["mosquitto", "aedes"];
/** They speak MQTT 3.1.1 only. */
const OLD = ["aedes"];

export async function prepareField(entry: string | undefined, progress: (text: string) => void): Promise<MqttField> {
  const workshop = { cache: peersCache(process.env), progress };
  const brokers: Broker[] = [own("memory", entry), own("process", entry)];
  const missing: string[] = [];
  for (const { id, name, prepare } of CATALOG.filter(({ id }) => PEERS.includes(id)))
    try {
      const { version, start } = await prepare(workshop);
      const startOpen = (): Promise<ServerProcess> => start("0.0.0.0");
      const only = OLD.includes(id) ? 4 : undefined;
      brokers.push({ name, hosts: LOOPBACK, dialect: mqttDialect, start, version, own: false, only, startOpen });
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
    only: undefined,
    start: () => startTidegate({ ...options, host: "127.0.0.1" }),
    // It listens there only with authentication.
    startOpen: () => startTidegate({ ...options, secret: "nobody has it".padEnd(32), open: true, host: "0.0.0.0" }),
    startGuarded: (secret) => startTidegate({ ...options, secret, host: "0.0.0.0" }),
  };
}
