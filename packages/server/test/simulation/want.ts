import type { Position } from "@tidegate/protocol";
import type { Ledger } from "./ledger.ts";

/** A subscription that a bare client wants, over all its connections. */
export interface Want {
  readonly filter: string;
  readonly retained: boolean;
  readonly window: number | undefined;
  readonly presence: boolean;
  /** Where to go on. */
  position: Position | undefined;
  /** On the connection that is. */
  ledger: Ledger | undefined;
  state: "idle" | "asking" | "live" | "leaving";
}

export type Wish = Pick<Want, "filter" | "retained" | "window" | "presence">;

export function newWant(wish: Wish): Want {
  return { ...wish, position: undefined, ledger: undefined, state: "idle" };
}
