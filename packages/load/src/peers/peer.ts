import type { Dialect } from "../dialect/dialect.ts";
import type { ServerProcess } from "../servers/server-process.ts";

/** Another maker's server, or one of our own on another maker's library, that Tidegate is measured beside. */
export interface Peer {
  /** As it is called in tables. */
  readonly name: string;
  /** As it is called in `--only`. */
  readonly id: string;
  readonly dialect: Dialect;
  /** Finds or builds it. Rejects with `CannotHave`. */
  prepare(workshop: Workshop): Promise<ReadyPeer>;
  readonly guarantees: Guarantees;
}

export interface ReadyPeer {
  /** Name and version of what is measured. */
  readonly version: string;
  /**
   * A fresh process on a free port of 127.0.0.1, or of `host`: the MQTT brokers heed it, which are measured with more
   * connections than a pair of addresses has ports for.
   */
  start(host?: string): Promise<ServerProcess>;
}

/** What it does for a message, with the settings that it is measured with. */
export interface Guarantees {
  readonly stores: string;
  readonly acknowledges: string;
  readonly orders: string;
  readonly recovers: string;
}

/** What building a peer needs. */
export interface Workshop {
  /** Folder for what is built, outside the repository. */
  readonly cache: string;
  /** Says what goes on. */
  readonly progress: (text: string) => void;
}

/** The peer cannot be had on this machine as it is. */
export class CannotHave extends Error {
  /** What to do to have it. */
  readonly remedy: string;

  constructor(reason: string, remedy: string) {
    super(reason);
    this.name = "CannotHave";
    this.remedy = remedy;
  }
}
