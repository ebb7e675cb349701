import type { Raw } from "./direct.ts";

/** Everything up to this offset may have been removed without a trace of its own. Raised by whoever trims; all gateways hear it. */
export class Lost {
  #upTo = 0;

  get upTo(): number {
    return this.#upTo;
  }

  raise(raw: Raw | undefined): void {
    this.#upTo = Math.max(this.#upTo, Number(raw?.message.string() ?? 0));
  }
}
