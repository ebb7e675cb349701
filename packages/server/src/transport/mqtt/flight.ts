import type { Quality } from "@tidegate/protocol";
import type { Flight, SessionChange } from "../../durable/session-store.ts";
import type { OutFlight } from "./window.ts";

/**
 * A message on its way as the store of sessions has it. What the store has no field for stands in the text that it leaves
 * to the protocol: the QoS, and an r for a retained value.
 */
function writeFlight({ packet, sender, epoch, offset, qos, retained, received, done }: OutFlight): Flight {
  return {
    direction: "out",
    packet,
    state: received || done ? "received" : "sent",
    filter: sender.key,
    epoch,
    offset,
    messageId: `${qos}${retained ? "r" : ""}`,
  };
}

/** A change that stores the flight as it is. */
export function changeOf(flight: OutFlight): SessionChange {
  flight.stored = true;
  return { kind: "flight", flight: writeFlight(flight) };
}

export interface FlightMark {
  readonly qos: Exclude<Quality, 0>;
  readonly retained: boolean;
}

export function readMark({ messageId }: Flight): FlightMark {
  return { qos: messageId.startsWith("2") ? 2 : 1, retained: messageId.endsWith("r") };
}
