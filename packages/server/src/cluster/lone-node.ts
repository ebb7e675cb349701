import type { Cancel, Clock } from "../clock.ts";
import type { Nodes, NodeView } from "./nodes.ts";

/** The nodes of a gateway that is alone: itself. Its figures are renewed every heartbeat, as those of a cluster are. */
export class LoneNode implements Nodes {
  readonly #clock: Clock;
  readonly #describe: () => NodeView;
  readonly #heartbeat: number;
  #view: NodeView;
  #timer: Cancel;

  /** `heartbeat` in milliseconds. */
  constructor(clock: Clock, heartbeat: number, describe: () => NodeView) {
    this.#clock = clock;
    this.#describe = describe;
    this.#heartbeat = heartbeat;
    this.#view = describe();
    this.#timer = clock.after(heartbeat, this.#renew);
  }

  get self(): string {
    return this.#view.id;
  }

  get all(): readonly NodeView[] {
    return [this.#view];
  }

  has(id: string): boolean {
    return id === this.self;
  }

  /** Nobody comes or goes. */
  watch(): () => void {
    return () => {};
  }

  async start(): Promise<void> {}

  announce(): void {
    this.#view = this.#describe();
  }

  close(): void {
    this.#timer();
  }

  #renew = (): void => {
    this.announce();
    this.#timer = this.#clock.after(this.#heartbeat, this.#renew);
  };
}
