import type { Clock } from "../../clock.ts";
import { type Answer, type Handler, MemoryBus } from "./bus.ts";

export interface MemoryBusHubOptions {
  readonly clock: Clock;
  /** Milliseconds on the way; 0, the default, is the end of the turn. */
  readonly delay?: number;
  /** Bytes of a payload; 1 MiB unless told, as NATS has it. */
  readonly maxPayload?: number;
}

/**
 * Carries what the nodes of one process say to each other: a cluster in one process, for tests and simulations. Everything goes
 * through one queue that the clock moves, so the same steps end the same way. What is under way is as much as one turn (or the
 * delay) brings.
 */
export class MemoryBusHub {
  readonly clock: Clock;
  readonly maxPayload: number;
  readonly #delay: number;
  readonly #nodes = new Set<MemoryBus>();
  #queue: (() => void)[] = [];
  #asked = 0;

  constructor({ clock, delay = 0, maxPayload = MAX_PAYLOAD }: MemoryBusHubOptions) {
    this.clock = clock;
    this.maxPayload = maxPayload;
    this.#delay = delay;
  }

  /** The bus as one node has it. */
  open(): MemoryBus {
    const bus = new MemoryBus(this, (closed) => void this.#nodes.delete(closed));
    this.#nodes.add(bus);
    return bus;
  }

  /** Does it when what was sent before has arrived. */
  carry(task: () => void): void {
    if (this.#delay > 0) return void this.clock.after(this.#delay, task);
    if (this.#queue.push(task) === 1) this.clock.endOfTurn(this.#deliver);
  }

  /** Those who hear the subject now. */
  reached(subject: string): readonly Handler[] {
    return this.#linked().flatMap((node) => node.handlers.of(subject));
  }

  /** One of those who answer on the subject now, each in turn. */
  answerer(subject: string): { readonly node: MemoryBus; readonly answer: Answer } | undefined {
    const all = this.#linked().flatMap((node) => node.answers.of(subject).map((answer) => ({ node, answer })));
    return all[this.#asked++ % Math.max(1, all.length)];
  }

  #linked(): readonly MemoryBus[] {
    return [...this.#nodes].filter((node) => node.isLinked);
  }

  #deliver = (): void => {
    const tasks = this.#queue;
    this.#queue = [];
    for (const task of tasks) task();
  };
}

/** Bytes. */
const MAX_PAYLOAD = 1024 * 1024;
