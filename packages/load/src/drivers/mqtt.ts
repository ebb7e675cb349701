import type { Crowd } from "../engine/crowd.ts";
import type { Driver } from "../engine/driver.ts";
import type { Member } from "../engine/member.ts";
import { type Message, writePayload } from "../engine/template.ts";
import {
  bodyOf,
  connectPacket,
  DISCONNECT,
  endOf,
  PACKET,
  PINGREQ,
  pubackPacket,
  publishHead,
  readUint16,
  subscribePacket,
} from "../mqtt/packets.ts";
import { MARK_START } from "../wire/mark.ts";
import { Scratch } from "./scratch.ts";

/** Packet ids of publishes are 1 to this; subscriptions have those above. [MQTT-2.3.1-1] */
const PUBLISH_IDS = 60_000;

/** MQTT 3.1.1 over TCP. A member's `step` counts the answers of its set-up; its id is what the scenario numbers. */
export class MqttDriver implements Driver {
  readonly acknowledges: boolean;
  readonly farewell = DISCONNECT;
  readonly #crowd: Crowd;
  readonly #qos: number;
  readonly #subscribeQos: number;
  readonly #scratch = new Scratch();

  constructor(crowd: Crowd) {
    const { publish, subscribe } = crowd.plan.spec;
    this.#crowd = crowd;
    this.#qos = publish?.qos ?? 0;
    this.#subscribeQos = subscribe?.qos ?? 1;
    this.acknowledges = this.#qos > 0;
  }

  begin(member: Member): void {
    const { target, seed } = this.#crowd.around.plan.scenario;
    const { spec } = this.#crowd.plan;
    // The server may wait one and a half times as long. [MQTT-3.1.2-24]
    const keepAlive = spec.heartbeat === undefined ? 0 : Math.ceil(spec.heartbeat / 1000);
    const clientId = `load-${seed}-${this.#crowd.plan.index}-${member.number}`;
    const { user } = target;
    member.send(connectPacket({ clientId, user, password: target.token, keepAlive: Math.min(keepAlive, 65_535) }));
  }

  read(member: Member, bytes: Uint8Array): number {
    const now = this.#crowd.around.clock.micros();
    for (let at = 0; ;) {
      const body = bodyOf(bytes, at);
      const end = endOf(bytes, at, body);
      if (end > bytes.length) return at;
      this.#take(member, bytes, at, body, end, now);
      if (member.state === "away") return bytes.length;
      at = end;
    }
  }

  publish(member: Member, id: number, topic: string, message: Message): void {
    const head = publishHead(topic, this.#qos, packetId(id), message.bytes);
    const bytes = this.#scratch.reserve(head.length + message.bytes + 64);
    bytes.set(head);
    member.send(bytes.subarray(0, writePayload(bytes, head.length, message)));
  }

  heartbeat(member: Member): void {
    member.send(PINGREQ);
  }

  #take(member: Member, bytes: Uint8Array, at: number, body: number, end: number, now: number): void {
    switch (bytes[at]! >> 4) {
      case PACKET.publish:
        return this.#message(member, bytes, at, body, end, now);
      case PACKET.puback:
        return this.#acked(member, readUint16(bytes, body));
      case PACKET.connack:
        return bytes[body + 1] === 0 ? this.#next(member) : member.fail("refused", `connack ${bytes[body + 1]}`);
      case PACKET.suback:
        return bytes[body + 2]! < 3 ? this.#next(member) : member.fail("refused", "a subscription was refused");
      case PACKET.pingresp:
        return;
      default:
        throw new Error(`a packet of type ${bytes[at]! >> 4}, which no client of this kind gets`);
    }
  }

  #message(member: Member, bytes: Uint8Array, at: number, body: number, end: number, now: number): void {
    const qos = (bytes[at]! >> 1) & 3;
    const afterTopic = body + 2 + readUint16(bytes, body);
    if (qos > 0) member.send(pubackPacket(readUint16(bytes, afterTopic)));
    const mark = bytes.indexOf(MARK_START, afterTopic + (qos > 0 ? 2 : 0));
    if (mark >= 0 && mark < end) this.#crowd.delivered(member, bytes, mark, now);
  }

  /** Ids of packets come again after 60,000 publishes: the newest with this one is meant. */
  #acked(member: Member, packet: number): void {
    const age = (packetId(member.ids) - packet + PUBLISH_IDS) % PUBLISH_IDS;
    this.#crowd.acked(member, member.ids - age);
  }

  /** Asks for the next subscription, if there is one. */
  #next(member: Member): void {
    const topic = this.#crowd.topicOf(member, member.step);
    member.step += 1;
    if (topic === undefined) return this.#crowd.ready(member);
    member.send(subscribePacket(PUBLISH_IDS + 1 + (member.step % 5000), topic, this.#subscribeQos));
  }
}

/** 1 to 60,000, again and again. */
function packetId(id: number): number {
  return ((id - 1) % PUBLISH_IDS) + 1;
}
