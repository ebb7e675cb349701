import type { Nodes, NodesWatcher, NodeView } from "../../../src/cluster/nodes.ts";
import { viewOf } from "../../cluster/node-bench.ts";

/** Nodes as a test says who is there. */
export class FakeNodes implements Nodes {
  readonly self: string;
  readonly #watchers = new Set<NodesWatcher>();
  readonly #others = new Map<string, NodeView>();

  constructor(self: string) {
    this.self = self;
  }

  get all(): readonly NodeView[] {
    return [viewOf(this.self), ...this.#others.values()];
  }

  has(id: string): boolean {
    return id === this.self || this.#others.has(id);
  }

  watch(watcher: NodesWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  join(id: string): void {
    if (this.has(id)) return;
    this.#others.set(id, viewOf(id));
    for (const watcher of this.#watchers) watcher.joined(viewOf(id));
  }

  leave(id: string, why: "stopped" | "lost"): void {
    if (this.#others.delete(id)) for (const watcher of this.#watchers) watcher.left(id, why);
  }
}
