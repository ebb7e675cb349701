import type { Bus } from "../../../src/cluster/bus.ts";

/** A bus under test. */
export interface BusSubjects {
  /** A cluster of its own: nobody else is on it. Whoever made it closes what was opened when the tests are over. */
  cluster(): BusCluster;
}

export interface BusCluster {
  open(): Promise<Bus>;
  /** Takes the bus away from all nodes. Resolves when they know. */
  away(): Promise<void>;
  /** Resolves when it is there again and all nodes know. */
  back(): Promise<void>;
}

export const SUBJECT = ["a", "b-1_c"];

export async function two(subjects: BusSubjects): Promise<readonly [Bus, Bus, BusCluster]> {
  const cluster = subjects.cluster();
  return [await cluster.open(), await cluster.open(), cluster];
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}

/** Subscribes, waits until that is in force, and returns what comes. */
export async function heard(bus: Bus, subject: readonly string[] = SUBJECT): Promise<string[]> {
  const all: string[] = [];
  await bus.subscribe(subject, (payload) => void all.push(textOf(payload))).ready;
  return all;
}

/** How a promise rejects: "no error" if it does not. */
export async function faultOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => `${error.name}: ${error.message}`,
  );
}
