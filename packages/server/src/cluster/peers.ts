import type { NodesWatcher, NodeView } from "./nodes.ts";
import { Watchers } from "./watchers.ts";

/**
 * The other nodes, and how long each was not heard of. That grows only while this node hears itself through the bus: a bus that is
 * away or stands still, whether that was noticed or not, takes nobody's place.
 */
export class Peers {
  readonly #lease: number;
  readonly #watchers = new Watchers<NodesWatcher>();
  readonly #peers = new Map<string, Peer>();

  /** `lease` in milliseconds. */
  constructor(lease: number) {
    this.#lease = lease;
  }

  get views(): readonly NodeView[] {
    return [...this.#peers.values()].map(({ view }) => view);
  }

  has(id: string): boolean {
    return this.#peers.has(id);
  }

  watch(watcher: NodesWatcher): () => void {
    return this.#watchers.add(watcher);
  }

  /** `ago`: milliseconds since the last `pass`. False: there are too many. */
  heard(view: NodeView, ago: number): boolean {
    const peer = this.#peers.get(view.id);
    if (peer === undefined && this.#peers.size >= MAX_PEERS) return false;
    this.#peers.set(view.id, { view, silent: -ago });
    if (peer === undefined) this.#watchers.tell((watcher) => watcher.joined(view));
    return true;
  }

  /** It said goodbye. */
  stopped(id: string): void {
    this.#remove(id, "stopped");
  }

  /** Nobody was heard of for `ms` more, but who was. Those past their lease are gone. */
  pass(ms: number): readonly NodeView[] {
    const lost: NodeView[] = [];
    for (const peer of this.#peers.values()) {
      peer.silent += ms;
      if (peer.silent >= this.#lease) lost.push(peer.view);
    }
    for (const { id } of lost) this.#remove(id, "lost");
    return lost;
  }

  /** Each has a whole lease again. */
  renew(): void {
    for (const peer of this.#peers.values()) peer.silent = 0;
  }

  clear(): void {
    this.#watchers.clear();
    this.#peers.clear();
  }

  #remove(id: string, why: "stopped" | "lost"): void {
    if (!this.#peers.delete(id)) return;
    this.#watchers.tell((watcher) => watcher.left(id, why));
  }
}

interface Peer {
  readonly view: NodeView;
  /** Milliseconds in which this node was not heard of, though it could have been. */
  silent: number;
}

/** Nodes of a cluster: some hundred bytes each. */
export const MAX_PEERS = 1000;
