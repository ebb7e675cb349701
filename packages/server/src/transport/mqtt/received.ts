import type { SessionChange } from "../../durable/session-store.ts";

/** A message of QoS 2 from the client that is not released. */
export interface InFlight {
  readonly messageId: string;
  /** The log has it: when it comes again it is only acknowledged. */
  logged: boolean;
}

/** A change that stores a message of QoS 2 from the client. */
export function arrived(packet: number, { messageId, logged }: InFlight): SessionChange {
  const state = logged ? "received" : "sent";
  return { kind: "flight", flight: { direction: "in", packet, state, filter: "", epoch: "", offset: 0, messageId } };
}
