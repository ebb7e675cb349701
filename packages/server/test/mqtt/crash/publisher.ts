import type { MqttPacket, MqttVersion } from "@tidegate/protocol/mqtt";
import { CrashClient } from "./crash-client.ts";

/** Messages that may be under way at once. */
const WINDOW = 40;

interface UnderWay {
  readonly number: number;
  /** The server has it: only PUBREL is to be sent. */
  received: boolean;
}

export interface PublisherParts {
  readonly version: MqttVersion;
  readonly qos: 1 | 2;
  readonly topic: string;
  /** Called for each message that is acknowledged to its end. */
  readonly acked: () => void;
}

/** Publishes `<id>-1`, `<id>-2` … as fast as they are acknowledged, and keeps its own state as the standard says. */
export class CrashPublisher extends CrashClient {
  readonly qos: 1 | 2;
  readonly topic: string;
  readonly #acked: () => void;
  /** By packet id, in the order in which they were published first. */
  readonly #underWay = new Map<number, UnderWay>();
  /** Numbers up to it have been published. */
  published = 0;
  acknowledged = 0;
  #last = Infinity;
  #finished = (): void => {};

  constructor(id: string, { version, qos, topic, acked }: PublisherParts) {
    super(id, version);
    this.qos = qos;
    this.topic = topic;
    this.#acked = acked;
  }

  /** Publishes no more; resolves when everything is acknowledged. */
  finish(): Promise<void> {
    this.#last = this.published;
    return new Promise((resolve) => {
      this.#finished = resolve;
      this.#publish();
    });
  }

  /** What was under way goes first, in its order. [MQTT-4.4.0-1, MQTT-4.6.0-1] */
  protected begin(): void {
    for (const [packetId, { number, received }] of this.#underWay)
      if (received) this.ack("pubrel", packetId);
      else this.#send(packetId, number, true);
    this.#publish();
  }

  protected take(packet: MqttPacket): void {
    if (packet.type === "puback" || packet.type === "pubcomp") return this.#landed(packet.packetId);
    if (packet.type !== "pubrec") return void this.faults.push(`${this.id}: ${packet.type} came`);
    const underWay = this.#underWay.get(packet.packetId);
    if (underWay === undefined) this.faults.push(`${this.id}: PUBREC of ${packet.packetId}, which is not under way`);
    else underWay.received = true;
    this.ack("pubrel", packet.packetId);
  }

  #landed(packetId: number): void {
    if (!this.#underWay.delete(packetId)) this.faults.push(`${this.id}: ${packetId} was acknowledged twice`);
    this.acknowledged += 1;
    this.#acked();
    this.#publish();
  }

  #publish(): void {
    while (this.#underWay.size < WINDOW && this.published < this.#last) {
      const number = ++this.published;
      const packetId = ((number - 1) % 60_000) + 1;
      this.#underWay.set(packetId, { number, received: false });
      this.#send(packetId, number, false);
    }
    if (this.#underWay.size === 0) this.#finished();
  }

  #send(packetId: number, number: number, dup: boolean): void {
    const payload = Buffer.from(`${this.id}-${number}`);
    const { topic, qos } = this;
    this.send({ type: "publish", topic, payload, qos, retain: false, dup, packetId, properties: undefined });
  }
}
