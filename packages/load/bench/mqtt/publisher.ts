import { Publisher } from "../../src/client/publisher.ts";
import { publishing } from "../../src/dialect/mqtt/dialect.ts";
import { bodyOf, PACKET, readUint16 } from "../../src/mqtt/packets.ts";
import { MqttLoadClient } from "./client.ts";
import { Progress } from "./progress.ts";
import type { ClientPlan, Quality } from "./shape.ts";

/**
 * Keeps a number of messages under way: what not all of its receivers have, and at QoS 1 what the server has not
 * acknowledged. So it cannot run ahead of them, and no server has a reason to drop anything.
 */
export class PublishingClient extends MqttLoadClient {
  readonly #publisher: Publisher;
  readonly #progress: Progress;
  readonly #window: number;
  readonly #quality: Quality;
  #running = false;
  /** It is among those that are about to send. */
  queued = false;

  constructor(plan: ClientPlan, index: number, topic: string, receivers: number) {
    super(`publisher ${index}`, plan.address, plan.greeting, plan.tally);
    const { window, qos, payloadBytes } = plan.load;
    this.#window = window;
    this.#quality = qos;
    this.#progress = new Progress(receivers, window);
    this.#publisher = new Publisher({ dialect: publishing(qos), index, topic, payloadBytes });
  }

  get sent(): number {
    return this.#publisher.sent;
  }

  start(): void {
    this.#running = true;
    this.pump();
  }

  stop(): void {
    this.#running = false;
  }

  /** A receiver has the message. Returns whether it may send more now. */
  delivered(number: number): boolean {
    return this.#progress.note(number) && this.#running;
  }

  /** Sends what the window allows, in one write. */
  pump(): void {
    this.queued = false;
    const due = this.#window - this.#underWay;
    if (!this.#running || due <= 0) return;
    this.tally.sent += due;
    this.link?.send(this.#publisher.many(due, 0));
  }

  override message(bytes: Uint8Array, start: number, end: number): void {
    if (bytes[start]! >> 4 !== PACKET.puback) return super.message(bytes, start, end);
    this.tally.acknowledged += 1;
    const fault = this.#publisher.accepted(readUint16(bytes, bodyOf(bytes, start)));
    if (fault !== undefined) this.fault(fault);
  }

  override endOfRead(): void {
    if (this.#running) this.pump();
  }

  get #underWay(): number {
    const unseen = this.sent - this.#progress.seen;
    return this.#quality === 0 ? unseen : Math.max(unseen, this.#publisher.outstanding);
  }
}
