import type { Member } from "./member.ts";
import type { Message } from "./template.ts";

/**
 * One protocol as a client speaks it. A driver serves all members of a population and keeps nothing of its own about
 * any of them: what a member's protocol must remember is in `member.step` and `member.memory`.
 */
export interface Driver {
  /** Whether publishes are answered: without that there is no closed loop. */
  readonly acknowledges: boolean;
  /** The connection stands: say hello. */
  begin(member: Member): void;
  /** Takes what is complete and returns where the rest begins. Throws an Error at what is not of the protocol. */
  read(member: Member, bytes: Uint8Array): number;
  /** Sends one message; `id` is the member's own number for it. */
  publish(member: Member, id: number, topic: string, message: Message): void;
  heartbeat(member: Member): void;
  /** Last bytes before a connection is closed on purpose, if the protocol has some. */
  readonly farewell: Uint8Array | undefined;
}
