import type { Person } from "../state/person.ts";

/** What the chat takes from its surroundings. */
export interface Environment {
  /** Address of the WebSocket. */
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 up to, not with, 1. */
  readonly random: () => number;
  /** Unique over all pages. */
  readonly newId: () => string;
  /** Calls once after so many milliseconds; returns what takes it back. */
  readonly after: (ms: number, task: () => void) => () => void;
  readonly onWake: (listener: () => void) => () => void;
  /** Whether somebody can see the page. */
  readonly isVisible: () => boolean;
}

/** What others see of a person in a room. */
export function presenceInfo({ id, name }: Person): { readonly id: string; readonly name: string } {
  return { id, name };
}
