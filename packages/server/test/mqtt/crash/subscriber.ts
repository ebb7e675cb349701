import type { MqttPacket, MqttVersion, PublishPacket, Qos } from "@tidegate/protocol/mqtt";
import { textOf } from "../support/client.ts";
import { CrashClient } from "./crash-client.ts";

/** Notes what it is sent, and keeps its own state of QoS 2 as the standard says. */
export class CrashSubscriber extends CrashClient {
  readonly #subscriptions: Readonly<Record<string, Qos>>;
  /** Packet ids of messages of QoS 2 that are not released. [MQTT-4.3.3-10] */
  readonly #held = new Set<number>();
  /** Numbers of each publisher's messages, as they came. */
  readonly seen = new Map<string, number[]>();
  #granted = (): void => {};
  #changed = (): void => {};

  constructor(id: string, version: MqttVersion, subscriptions: Readonly<Record<string, Qos>>) {
    super(id, version);
    this.#subscriptions = subscriptions;
  }

  /** Resolves when the server has granted the subscriptions. */
  granted(): Promise<void> {
    return new Promise((resolve) => (this.#granted = resolve));
  }

  /** Resolves when it has seen this message. */
  async reach(publisher: string, number: number): Promise<void> {
    while (this.seen.get(publisher)?.includes(number) !== true)
      await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  protected begin(first: boolean): void {
    if (!first) return;
    const wishes = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    const subscriptions = Object.entries(this.#subscriptions).map(([filter, qos]) => ({ filter, qos, ...wishes }));
    this.send({ type: "subscribe", packetId: 1, subscriptions, properties: undefined });
  }

  protected take(packet: MqttPacket): void {
    if (packet.type === "suback") this.#granted();
    else if (packet.type === "publish") this.#publish(packet);
    else if (packet.type === "pubrel") {
      this.#held.delete(packet.packetId);
      this.ack("pubcomp", packet.packetId);
    } else this.faults.push(`${this.id}: ${packet.type} came`);
  }

  #publish(packet: PublishPacket): void {
    const { qos, dup } = packet;
    const packetId = packet.packetId ?? 0;
    if (qos === 2 && this.#held.has(packetId)) {
      if (!dup) this.faults.push(`${this.id}: ${packetId} came again without DUP, or for another message`);
    } else this.#note(textOf(packet));
    if (qos === 2) this.#held.add(packetId);
    this.ack(qos === 2 ? "pubrec" : "puback", packetId);
  }

  #note(text: string): void {
    const [publisher = "", number = ""] = text.split("-");
    const numbers = this.seen.get(publisher);
    if (numbers === undefined) this.seen.set(publisher, [Number(number)]);
    else numbers.push(Number(number));
    this.#changed();
  }
}
