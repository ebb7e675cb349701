import type { Quality, Stored } from "@tidegate/protocol";
import type { MqttVersion } from "@tidegate/protocol/mqtt";
import type { Clock } from "../../clock.ts";
import type { Frame } from "../../delivery/connection.ts";
import type { SessionEncoder } from "../../session/client-session.ts";
import { type DeliveryParts, frameOf, UNBOUNDED } from "./deliver.ts";

const NOTHING = new Uint8Array(0);
const NO_IDS: readonly number[] = [];

/** Deliveries at QoS 0 that are alike for all who have the same wishes: made once for all of them. */
export class QosZeroEncoder implements SessionEncoder {
  readonly origin = "mqtt";
  readonly group = undefined;
  readonly #form;
  readonly #timeless: DeliveryParts;

  constructor(version: MqttVersion, retainAsPublished: boolean, clock: Clock) {
    this.#form = formOf(version, 0, retainAsPublished, clock);
    this.#timeless = this.#form();
  }

  message(stored: Stored): Uint8Array {
    // Only headers can say when a message expires.
    const form = stored.message.headers === undefined ? this.#timeless : this.#form();
    return frameOf(stored, form)?.bytes ?? NOTHING;
  }

  /** MQTT has no packets for the gateway's other pushes; what ends a connection is said by DISCONNECT. */
  push(): Uint8Array {
    return NOTHING;
  }

  join(frames: readonly Frame[]): Uint8Array {
    return Buffer.concat(frames.map((frame) => (typeof frame === "string" ? Buffer.from(frame) : frame)));
  }
}

/** The PUBLISH packets of several messages, one after another; each receiver puts its packet ids into a copy. */
export interface PacketRun {
  readonly bytes: Uint8Array;
  readonly packets: readonly RunPacket[];
}

export interface RunPacket {
  readonly offset: number;
  /** Where its packet id stands in the run; 0 for one at QoS 0, which has none. */
  readonly idAt: number;
}

/** Deliveries at QoS 1 that are alike but for their packet ids. */
export class QosOneEncoder {
  readonly #form;
  /** What was encoded last: all receivers of a batch come one after another. */
  #messages: readonly Stored[] = [];
  #run: PacketRun = { bytes: NOTHING, packets: [] };

  constructor(version: MqttVersion, retainAsPublished: boolean, clock: Clock) {
    this.#form = formOf(version, 1, retainAsPublished, clock);
  }

  /** Messages that have expired are left out. */
  run(messages: readonly Stored[]): PacketRun {
    if (messages === this.#messages) return this.#run;
    const form = this.#form();
    const frames: Uint8Array[] = [];
    const packets: RunPacket[] = [];
    let size = 0;
    for (const stored of messages) {
      const frame = frameOf(stored, form);
      if (frame === undefined) continue;
      frames.push(frame.bytes);
      packets.push({ offset: stored.offset, idAt: frame.idAt === 0 ? 0 : size + frame.idAt });
      size += frame.bytes.length;
    }
    this.#messages = messages;
    return (this.#run = { bytes: frames.length === 1 ? frames[0]! : Buffer.concat(frames), packets });
  }
}

/** How messages go to everybody who has no wishes of their own. */
function formOf(version: MqttVersion, qos: Quality, retainAsPublished: boolean, clock: Clock): () => DeliveryParts {
  return () => ({
    version,
    qos,
    retainAsPublished,
    ids: NO_IDS,
    now: clock.now(),
    retained: false,
    again: false,
    aliases: undefined,
    maxPacket: UNBOUNDED,
  });
}

/** One encoder for each kind of receiver. */
export class Encoders {
  readonly #plain: Readonly<Record<MqttVersion, QosZeroEncoder>>;
  readonly #asPublished: Readonly<Record<MqttVersion, QosZeroEncoder>>;
  readonly #plainOne: Readonly<Record<MqttVersion, QosOneEncoder>>;
  readonly #asPublishedOne: Readonly<Record<MqttVersion, QosOneEncoder>>;

  constructor(clock: Clock) {
    const zero = (asPublished: boolean) => both((version) => new QosZeroEncoder(version, asPublished, clock));
    const one = (asPublished: boolean) => both((version) => new QosOneEncoder(version, asPublished, clock));
    this.#plain = zero(false);
    this.#asPublished = zero(true);
    this.#plainOne = one(false);
    this.#asPublishedOne = one(true);
  }

  of(version: MqttVersion, retainAsPublished: boolean): QosZeroEncoder {
    return (retainAsPublished ? this.#asPublished : this.#plain)[version];
  }

  atQosOne(version: MqttVersion, retainAsPublished: boolean): QosOneEncoder {
    return (retainAsPublished ? this.#asPublishedOne : this.#plainOne)[version];
  }
}

function both<T>(make: (version: MqttVersion) => T): Readonly<Record<MqttVersion, T>> {
  return { 4: make(4), 5: make(5) };
}
