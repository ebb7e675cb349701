/** The nodes of a cluster as one of them sees them: who is there, and how much each has to do. */
export interface Nodes {
  /** Id of this node: unlike that of any other node or run. */
  readonly self: string;

  /** All that are there as far as this node knows, itself first (from when it has started on). */
  readonly all: readonly NodeView[];

  has(id: string): boolean;

  /**
   * Calls back when another node comes or goes. A node goes when it says so, or when its lease is over: it was not heard of for so long
   * while this node could hear others. While the bus is away nobody goes, and each has a whole lease from its return.
   */
  watch(watcher: NodesWatcher): () => void;
}

export interface NodesWatcher {
  joined(node: NodeView): void;
  left(id: string, why: "stopped" | "lost"): void;
}

/** What a node says of itself every second. */
export interface NodeView {
  readonly id: string;
  /** For people: as configured, or the host's name and port. */
  readonly name: string;
  /** Where its HTTP port is. */
  readonly url: string;
  readonly version: string;
  /** Milliseconds since 1970, by its own clock. */
  readonly startedAt: number;
  /** It sends its clients elsewhere and takes no new ones. */
  readonly draining: boolean;
  readonly load: NodeLoad;
}

export interface NodeLoad {
  readonly connections: number;
  /** Topics and filters that its clients are subscribed to, each counted once. */
  readonly subscriptions: number;
  /** Messages a second, over the last announcement's interval: published by its clients, and delivered to them. */
  readonly published: number;
  readonly delivered: number;
  /** Share of one core, 0 and up. */
  readonly cpu: number;
  /** Bytes of RSS. */
  readonly memory: number;
  /** The worst delay of the event loop since the last announcement, in milliseconds. */
  readonly lag: number;
}
