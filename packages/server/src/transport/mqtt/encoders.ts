import type { Stored } from "@tidegate/protocol";
import type { MqttVersion } from "@tidegate/protocol/mqtt";
import type { Clock } from "../../clock.ts";
import type { Frame } from "../../delivery/connection.ts";
import type { SessionEncoder } from "../../session/client-session.ts";
import { frameOf, UNBOUNDED } from "./deliver.ts";

const NOTHING = new Uint8Array(0);

/** Deliveries at QoS 0 that are alike for all who have the same wishes: made once for all of them. */
export class QosZeroEncoder implements SessionEncoder {
  readonly origin = "mqtt";
  readonly group = undefined;
  readonly #form;

  constructor(version: MqttVersion, retainAsPublished: boolean, clock: Clock) {
    const shared = { retained: false, aliases: undefined, maxPacket: UNBOUNDED, ids: [] };
    this.#form = (): Parameters<typeof frameOf>[1] => ({
      ...shared,
      version,
      qos: 0,
      retainAsPublished,
      now: clock.now(),
    });
  }

  message(stored: Stored): Uint8Array {
    return frameOf(stored, this.#form())?.bytes ?? NOTHING;
  }

  /** MQTT has no packets for the gateway's other pushes; what ends a connection is said by DISCONNECT. */
  push(): Uint8Array {
    return NOTHING;
  }

  join(frames: readonly Frame[]): Uint8Array {
    return Buffer.concat(frames.map((frame) => (typeof frame === "string" ? Buffer.from(frame) : frame)));
  }
}

/** One encoder for each kind of receiver. */
export class Encoders {
  readonly #plain: Readonly<Record<MqttVersion, QosZeroEncoder>>;
  readonly #asPublished: Readonly<Record<MqttVersion, QosZeroEncoder>>;

  constructor(clock: Clock) {
    const both = (asPublished: boolean) => ({
      4: new QosZeroEncoder(4, asPublished, clock),
      5: new QosZeroEncoder(5, asPublished, clock),
    });
    this.#plain = both(false);
    this.#asPublished = both(true);
  }

  of(version: MqttVersion, retainAsPublished: boolean): QosZeroEncoder {
    return (retainAsPublished ? this.#asPublished : this.#plain)[version];
  }
}
