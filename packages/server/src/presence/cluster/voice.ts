import type { Logger } from "pino";
import type { Clock } from "../../clock.ts";
import type { Bus, BusSubject } from "../../cluster/bus.ts";
import { writePacket, type Kind } from "./wire.ts";

/** Where all gateways tell of their members. A gateway is asked on a subject of its own: this and its id. */
export const PRESENCE_SUBJECT: BusSubject = ["presence"];

/** Characters of JSON in one message, or a quarter of what the bus takes: a character has at most 3 bytes. */
const MAX_CHARS = 48_000;

export interface VoiceParts {
  readonly clock: Clock;
  readonly bus: Bus;
  /** Id of this gateway. */
  readonly self: string;
  readonly logger: Logger;
}

/** What this gateway tells the others: numbered, so that they notice what they did not hear. */
export class Voice {
  readonly #parts: VoiceParts;
  #number = 0;

  constructor(parts: VoiceParts) {
    this.#parts = parts;
  }

  get isHeard(): boolean {
    return this.#parts.bus.isUp;
  }

  /** Characters from which on a message is long enough. */
  get maxChars(): number {
    return Math.min(MAX_CHARS, Math.floor(this.#parts.bus.maxPayload / 4));
  }

  say(kind: Kind, body: string): void {
    const { self, clock } = this.#parts;
    const head = { kind, owner: self, number: ++this.#number, time: Math.round(clock.now()) };
    this.#publish(PRESENCE_SUBJECT, writePacket(head, body));
  }

  /** Something was not said: who hears the next number knows it. */
  skip(): void {
    this.#number++;
  }

  digest(count: number): void {
    const { self } = this.#parts;
    this.#publish(PRESENCE_SUBJECT, writePacket({ kind: "digest", owner: self, number: this.#number, count }));
  }

  ask(owner: string): void {
    this.#publish([...PRESENCE_SUBJECT, owner], writePacket({ kind: "ask", asker: this.#parts.self }));
  }

  #publish(subject: BusSubject, payload: Uint8Array): void {
    const { bus, logger } = this.#parts;
    try {
      bus.publish(subject, payload);
    } catch (error) {
      // Others see a hole and ask; what is too long for the bus stays unsaid until the bus takes more.
      logger.error({ err: error }, "presence: the bus did not take a message");
    }
  }
}
