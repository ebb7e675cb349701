import type { SessionChange, StoredSession } from "../../src/durable/session-store.ts";
import { empty, flightOut } from "./fixture.ts";

/** What a session goes through in the crash test: each step is one write that touches everything the session has. */
export const SESSIONS = Array.from({ length: 10 }, (_, n) => `session-${n}`);

/** Flights that a session has under way. */
const WINDOW = 20;

export function changesOf(step: number): readonly SessionChange[] {
  return [
    ...(step === 1 ? START : []),
    { kind: "note", text: String(step) },
    { kind: "expires", at: step },
    { kind: "subscribe", filter: "a", options: String(step) },
    { kind: "position", filter: "a", epoch: "e1", offset: step },
    { kind: "landed", direction: "out", packet: packetOf(step - WINDOW) },
    { kind: "flight", flight: flightOut(packetOf(step), { offset: step }) },
  ];
}

const START: readonly SessionChange[] = [
  { kind: "create", user: "ann" },
  { kind: "subscribe", filter: "a", options: "" },
];

/** The last step that is stored; 0 for none. */
export function stepOf(session: StoredSession | undefined): number {
  return Number(session?.note ?? 0);
}

/** All of a session after a step. */
export function sessionAfter(step: number): StoredSession | undefined {
  if (step === 0) return undefined;
  const first = Math.max(1, step - WINDOW + 1);
  const flights = Array.from({ length: step - first + 1 }, (_, n) => first + n);
  const positions = [{ epoch: "e1", offset: step }];
  return {
    ...empty("ann"),
    expires: step,
    note: String(step),
    subscriptions: [{ filter: "a", options: String(step), positions }],
    flights: flights.map((one) => flightOut(packetOf(one), { offset: one })),
  };
}

/** Packet numbers go round, as a client's do. */
function packetOf(step: number): number {
  return 1 + (Math.max(step, 0) % 100);
}
