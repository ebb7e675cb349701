import { Watch } from "../../src/report/watch.ts";
import { IncorrectDelivery } from "../../src/scenario/run.ts";
import type { Entrant } from "./field.ts";

/** What a reader must know of a run: peers that failed, and what disturbed it. */
export class Notes {
  readonly watch = new Watch();
  readonly #failed: string[] = [];
  readonly #progress: (text: string) => void;

  constructor(progress: (text: string) => void) {
    this.#progress = progress;
  }

  /**
   * The measurement, or undefined if a peer lost, repeated or reordered messages in it. Tidegate is not forgiven: its
   * `IncorrectDelivery` fails the command.
   */
  async forgiving<T>(
    entrant: Pick<Entrant, "name" | "own">,
    what: string,
    measure: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await measure();
    } catch (error) {
      if (entrant.own || !(error instanceof IncorrectDelivery) || !error.message.startsWith(entrant.name)) throw error;
      const text = `${what}: ${error.message.replaceAll(/\s+/g, " ")}`;
      this.#progress(text);
      this.#failed.push(text);
      return undefined;
    }
  }

  get all(): readonly string[] {
    return [...new Set(this.#failed), ...this.watch.notes];
  }
}
