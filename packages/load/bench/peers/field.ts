import { peersCache } from "../../src/peers/build.ts";
import { CATALOG } from "../../src/peers/catalog.ts";
import { CannotHave, type Guarantees, type Workshop } from "../../src/peers/peer.ts";
import { type Contestant, LOOPBACK, tidegate } from "../support/contestants.ts";

/** A server that takes part, with what a reader wants to know of it. */
export interface Entrant extends Contestant {
  readonly version: string;
  readonly guarantees: Guarantees;
  /** A Tidegate. */
  readonly own: boolean;
}

export interface Field {
  readonly entrants: readonly Entrant[];
  /** Peers that could not be had: why, and how to have them. */
  readonly missing: readonly { readonly name: string; readonly reason: string; readonly remedy: string }[];
}

const OWN: Readonly<Record<"memory" | "process", Guarantees>> = {
  memory: {
    stores: "in memory, within the history's size and age",
    acknowledges: "when it is in the log",
    orders: "per topic",
    recovers: "yes, by epoch and offset, without a gap or with a word that there is one",
  },
  process: {
    stores: "on disk (SQLite, group commit): survives kill -9 of the program",
    acknowledges: "when it is committed",
    orders: "per topic",
    recovers: "yes, also over a restart",
  },
};

/** Builds what is missing, and says what cannot be had. */
export async function prepareField(
  wants: (part: string) => boolean,
  entry: string | undefined,
  progress: (text: string) => void,
): Promise<Field> {
  const workshop: Workshop = { cache: peersCache(process.env), progress };
  const entrants: Entrant[] = (["memory", "process"] as const).map((durability) => ({
    ...tidegate(durability, entry),
    version: "this repository",
    guarantees: OWN[durability],
    own: true,
  }));
  const missing: Field["missing"][number][] = [];
  for (const { name, dialect, guarantees, prepare } of CATALOG.filter((peer) => wants(peer.id))) {
    try {
      const { version, start } = await prepare(workshop);
      progress(`${name}: ready (${version})`);
      entrants.push({ name, hosts: LOOPBACK, dialect, start, version, guarantees, own: false });
    } catch (error) {
      if (!(error instanceof CannotHave)) throw error;
      missing.push({ name, reason: plain(error.message), remedy: error.remedy });
      progress(`${name}: NOT measured: ${error.message}\n  To have it: ${error.remedy}`);
    }
  }
  return { entrants, missing };
}

/** One line without addresses: where a tool looked for a library is this machine's affair. */
function plain(text: string): string {
  return text.replaceAll(/https?:\/\/\S+/g, "…").replaceAll(/\s+/g, " ");
}
