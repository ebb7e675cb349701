import type { Quality, Stored } from "@tidegate/protocol";
import { type MqttVersion, type Publish, publishSize, putPublish } from "@tidegate/protocol/mqtt";
import type { Clock } from "../../clock.ts";
import type { Frame } from "../../delivery/connection.ts";
import type { SessionEncoder } from "../../session/client-session.ts";
import { type DeliveryParts, frameOf, publishOf, UNBOUNDED } from "./deliver.ts";

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

  messages(batch: readonly Stored[]): Uint8Array {
    const timed = batch.some(({ message }) => message.headers !== undefined);
    return joined(batch, timed ? this.#form() : this.#timeless);
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

  run(messages: readonly Stored[]): PacketRun {
    if (messages === this.#messages) return this.#run;
    this.#messages = messages;
    return (this.#run = pack(messages, this.#form()));
  }
}

/** Packets without identifiers, all in one array. Messages that have expired are left out. */
function joined(messages: readonly Stored[], form: DeliveryParts): Uint8Array {
  const publishes: Publish[] = [];
  const sizes: number[] = [];
  let size = 0;
  for (const stored of messages) {
    const publish = publishOf(stored, form);
    if (publish === undefined) continue;
    const own = publishSize(publish, form.version);
    publishes.push(publish);
    sizes.push(own);
    size += own;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < publishes.length; i++) {
    putPublish(bytes, at, publishes[i]!, form.version);
    at += sizes[i]!;
  }
  return bytes;
}

/** The same, and where packet identifiers go. */
function pack(messages: readonly Stored[], form: DeliveryParts): PacketRun {
  const publishes: Publish[] = [];
  const offsets: number[] = [];
  const ends: number[] = [];
  let size = 0;
  for (const stored of messages) {
    const publish = publishOf(stored, form);
    if (publish === undefined) continue;
    publishes.push(publish);
    offsets.push(stored.offset);
    ends.push((size += publishSize(publish, form.version)));
  }
  const bytes = new Uint8Array(size);
  const packets = publishes.map((publish, i) => {
    const idAt = putPublish(bytes, ends[i - 1] ?? 0, publish, form.version);
    return { offset: offsets[i]!, idAt };
  });
  return { bytes, packets };
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
