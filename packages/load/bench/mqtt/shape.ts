import type { Address } from "../../src/dialect/dialect.ts";
import type { Tally } from "../../src/measure/tally.ts";

/** Of publishes and of subscriptions alike. */
export type Quality = 0 | 1;

/** Who talks to whom. */
export interface Shape {
  readonly id: string;
  readonly title: string;
  readonly publishers: number;
  readonly receivers: number;
  topicOf(publisher: number): string;
  filterOf(receiver: number): string;
  hearsOf(receiver: number): { readonly first: number; readonly count: number };
  /** How many get each message. */
  readonly copies: number;
}

export interface Load {
  readonly shape: Shape;
  readonly qos: Quality;
  /** Messages that each publisher keeps under way. */
  readonly window: number;
  readonly payloadBytes: number;
}

/** What every client of a load is made with. */
export interface ClientPlan {
  readonly load: Load;
  readonly address: Address;
  /** The first packets. */
  readonly greeting: readonly Uint8Array[];
  readonly tally: Tally;
}

export function oneToOne(pairs: number): Shape {
  return {
    id: "pairs",
    title: `one to one, ${pairs} pairs`,
    publishers: pairs,
    receivers: pairs,
    topicOf: (publisher) => `devices/device_${publisher}/state`,
    filterOf: (receiver) => `devices/device_${receiver}/state`,
    hearsOf: (receiver) => ({ first: receiver, count: 1 }),
    copies: 1,
  };
}

/** Devices with a topic each, and a service that hears all of them. */
export function fanIn(publishers: number): Shape {
  return {
    id: "fan-in",
    title: `fan-in, ${publishers} to 1`,
    publishers,
    receivers: 1,
    topicOf: (publisher) => `devices/device_${publisher}/state`,
    filterOf: () => "devices/+/state",
    hearsOf: () => ({ first: 0, count: publishers }),
    copies: 1,
  };
}

export function fanOut(receivers: number): Shape {
  return {
    id: "fan-out",
    title: `fan-out, 1 to ${receivers}`,
    publishers: 1,
    receivers,
    topicOf: () => "news/all",
    filterOf: () => "news/all",
    hearsOf: () => ({ first: 0, count: 1 }),
    copies: receivers,
  };
}
