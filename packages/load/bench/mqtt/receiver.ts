import { Heard } from "../../src/client/heard.ts";
import { bodyOf, PACKET, pubackPacket, readUint16, writeUint16 } from "../../src/mqtt/packets.ts";
import { MARK_LENGTH, MARK_START, markNumber, markPublisher } from "../../src/wire/mark.ts";
import { MqttLoadClient } from "./client.ts";
import type { ClientPlan, Quality } from "./shape.ts";

/** Bytes of a payload before its mark. */
const BEFORE_MARK = '{"text":"'.length;
const ACK = pubackPacket(0);

/** Who is told of deliveries. */
export interface Audience {
  delivered(publisher: number, number: number): void;
  /** All deliveries of one read were told. */
  endOfRead(): void;
}

/** Checks what it is given: the right QoS, and each publisher's messages once and in order. Acknowledges at QoS 1. */
export class ReceivingClient extends MqttLoadClient {
  readonly #heard: Heard;
  readonly #audience: Audience;
  readonly #quality: Quality;
  readonly #payloadBytes: number;
  /** The PUBACKs of one read, which leave in one write. */
  #acks = new Uint8Array(ACK.length * 64);
  #ackBytes = 0;

  /** It hears `hears.count` publishers from number `hears.first` on. */
  constructor(
    plan: ClientPlan,
    index: number,
    hears: { readonly first: number; readonly count: number },
    audience: Audience,
  ) {
    super(`receiver ${index}`, plan.address, plan.greeting, plan.tally);
    this.#heard = new Heard(hears.first, hears.count);
    this.#audience = audience;
    this.#quality = plan.load.qos;
    this.#payloadBytes = plan.load.payloadBytes;
  }

  /** Number of the last message heard of a publisher. */
  heard(publisher: number): number {
    return this.#heard.last(publisher);
  }

  override message(bytes: Uint8Array, start: number, end: number): void {
    const first = bytes[start]!;
    if (first >> 4 !== PACKET.publish) return super.message(bytes, start, end);
    const mark = end - this.#payloadBytes + BEFORE_MARK;
    const isWhole = mark > start && mark + MARK_LENGTH < end && bytes[mark] === MARK_START;
    if (!isWhole || ((first >> 1) & 3) !== this.#quality)
      return this.fault(`not what was published: ${Buffer.from(bytes.subarray(start, end)).toString("hex")}`);
    const publisher = markPublisher(bytes, mark);
    const number = markNumber(bytes, mark);
    const fault = this.#heard.note(publisher, number);
    if (fault !== undefined) this.fault(fault);
    this.tally.delivered += 1;
    if (this.#quality === 1) this.#acknowledge(bytes, bodyOf(bytes, start));
    this.#audience.delivered(publisher, number);
  }

  override endOfRead(): void {
    if (this.#ackBytes > 0) this.link?.send(this.#acks.subarray(0, this.#ackBytes));
    this.#ackBytes = 0;
    this.#audience.endOfRead();
  }

  #acknowledge(bytes: Uint8Array, body: number): void {
    if (this.#ackBytes === this.#acks.length) this.#grow();
    // The packet id comes after the topic.
    const id = readUint16(bytes, body + 2 + readUint16(bytes, body));
    this.#acks.set(ACK, this.#ackBytes);
    writeUint16(this.#acks, this.#ackBytes + 2, id);
    this.#ackBytes += ACK.length;
  }

  #grow(): void {
    const grown = new Uint8Array(this.#acks.length * 2);
    grown.set(this.#acks);
    this.#acks = grown;
  }
}
