import { every, type Cancel, type Clock } from "../clock.ts";
import type { Nodes, NodeView } from "./nodes.ts";
import type { NodeRegistryParts } from "./registry.ts";

/** The nodes of a gateway that is alone: itself. Its figures are renewed every heartbeat, as those of a cluster are. */
export class LoneNode implements Nodes {
  readonly #clock: Clock;
  readonly #describe: () => NodeView;
  readonly #heartbeat: number;
  readonly self: string;
  #view: NodeView | undefined;
  #stop: Cancel = () => {};

  constructor({ clock, id, settings, describe }: Pick<NodeRegistryParts, "clock" | "id" | "settings" | "describe">) {
    this.#clock = clock;
    this.self = id;
    this.#describe = describe;
    this.#heartbeat = settings.heartbeat;
  }

  get all(): readonly NodeView[] {
    return this.#view === undefined ? [] : [this.#view];
  }

  has(id: string): boolean {
    return id === this.self;
  }

  /** Nobody comes or goes. */
  watch(): () => void {
    return () => {};
  }

  async start(): Promise<void> {
    this.announce();
    this.#stop = every(this.#clock, this.#heartbeat, () => this.announce());
  }

  announce(): void {
    this.#view = this.#describe();
  }

  close(): void {
    this.#stop();
  }
}
