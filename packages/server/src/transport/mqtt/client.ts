import type { ProtocolError, Quality, Stored } from "@tidegate/protocol";
import {
  encodeAck,
  encodePacket,
  encodeWithin,
  MqttDecoder,
  MqttFault,
  type MqttPacket,
  type MqttVersion,
  reasonName,
  returnCodeOf,
  type Will,
} from "@tidegate/protocol/mqtt";
import type { Identity } from "../../auth/index.ts";
import type { Appended } from "../../log/log.ts";
import type { Publisher } from "../../log/appender.ts";
import { ClientSession } from "../../session/client-session.ts";
import { increase } from "../../session/services.ts";
import type { AliasesIn, AliasesOut } from "./aliases.ts";
import type { MqttContext } from "./context.ts";
import { type DeliveryParts, UNBOUNDED } from "./deliver.ts";
import type { Link, LinkOwner } from "./link.ts";
import { handle } from "./packets/index.ts";
import { REASON, reasonOfClose, reasonOfError } from "./reasons.ts";
import { leave } from "./leave.ts";
import type { SessionState } from "./state.ts";
import { deliveryOf } from "./overlap.ts";
import type { ActiveSubscription, SubscriptionOptions } from "./subscription.ts";
import { Window } from "./window.ts";

/** Set in a ticket of a publish at QoS 2: beyond every packet id. */
export const EXACTLY_ONCE = 0x10000;

/** Packets that may wait while CONNECT is worked on. */
const MAX_WAITING = 1000;

/** Something that waits for room in the window. */
interface Hungry {
  pump(): void;
}

/** One MQTT connection, from its first byte to its last. */
export class MqttClient implements Publisher, LinkOwner {
  readonly context: MqttContext;
  readonly link: Link;
  readonly session: ClientSession;
  readonly #decoder: MqttDecoder;
  phase: "new" | "connecting" | "open" | "closed" = "new";
  /** What came while CONNECT was worked on. */
  #waiting: MqttPacket[] | undefined = undefined;
  /** When the last bytes came, in milliseconds since 1970. */
  heard: number;
  /** Reason code of the DISCONNECT that is about to be sent, where it says more than the gateway's close code. */
  #reason: number | undefined = undefined;

  // What CONNECT says.
  version: MqttVersion = 4;
  clientId = "";
  identity: Identity | undefined = undefined;
  will: Will | undefined = undefined;
  /** Milliseconds of silence after which the client is gone; 0: it may be silent for ever. */
  patience = 0;
  maxPacket: number = UNBOUNDED;
  /** Messages of QoS 1 and 2 that may be under way to the client. */
  maxInflight = 0;
  aliasesIn: AliasesIn | undefined = undefined;
  aliasesOut: AliasesOut | undefined = undefined;
  /** Messages of QoS 1 and 2 from the client that have no answer yet. */
  unanswered = 0;
  #state: SessionState | undefined = undefined;
  #window: Window | undefined = undefined;
  #hungry: Set<Hungry> | undefined = undefined;

  constructor(context: MqttContext, link: Link, remote: string) {
    this.context = context;
    this.link = link;
    link.owner = this;
    this.#decoder = new MqttDecoder({ maxPacketSize: context.settings.maxPacket, role: "server" });
    this.session = new ClientSession(link, context.encoders.of(4, false), context.services, remote);
    this.heard = context.services.clock.now();
  }

  /** Of a client that is connected. */
  get state(): SessionState {
    if (this.#state === undefined) throw new Error("the client has not connected");
    return this.#state;
  }

  set state(state: SessionState) {
    this.#state = state;
  }

  get hasState(): boolean {
    return this.#state !== undefined;
  }

  get window(): Window {
    return (this.#window ??= new Window(this.maxInflight));
  }

  /** Undefined if nothing of QoS 1 or 2 was ever sent. */
  get usedWindow(): Window | undefined {
    return this.#window;
  }

  get hungry(): Set<Hungry> {
    return (this.#hungry ??= new Set());
  }

  /** Whether it can be given the bytes that all others are given. */
  get takesSharedFrames(): boolean {
    return this.aliasesOut === undefined && this.maxPacket === UNBOUNDED;
  }

  data(chunk: Uint8Array): void {
    if (this.phase === "closed") return;
    this.heard = this.context.services.clock.now();
    try {
      this.#decoder.read(chunk, (packet) => this.#take(packet));
    } catch (error) {
      if (!(error instanceof MqttFault)) throw error;
      this.#malformed(error);
    }
  }

  drained(): void {
    this.session.drained();
  }

  /** The connection is gone. */
  gone(): void {
    leave(this, true);
    this.session.closed(false);
  }

  /** Ends the connection, with a reason code and words for it. */
  close(code: number, text: string): void {
    this.#reason = code;
    this.session.close(code === REASON.keepAlive ? "idle" : "normal", text);
  }

  /** Another connection has this client's id. [MQTT-3.1.4-3] */
  takenOver(): void {
    this.close(REASON.takenOver, "another connection has this client id");
  }

  ended(code: number, text: string): void {
    const reason = this.#reason ?? reasonOfClose(code);
    if (this.phase === "open" && this.version === 5) this.#sayWhy(reason, text);
    leave(this, true);
    this.link.end();
  }

  /** CONNECT has been answered: what came meanwhile is handled now. */
  opened(): void {
    this.phase = "open";
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const packet of waiting) this.#take(packet);
  }

  /** Refuses the CONNECT and ends the connection. [MQTT-3.1.4-2, MQTT-3.2.2-6 of 3.1.1] */
  refuse(code: number, text: string, serverReference?: string): void {
    increase(this.context.services.counters.errors, "mqtt_refused");
    const answer = this.version === 5 ? code : returnCodeOf(code);
    const properties = { reasonString: text, serverReference };
    if (answer !== undefined) this.send({ type: "connack", sessionPresent: false, code: answer, properties });
    this.close(code, text);
  }

  /** Nothing if the client takes no packet of this size. */
  send(packet: MqttPacket): void {
    const bytes = encodeWithin(packet, this.version, this.maxPacket);
    if (bytes !== undefined) this.link.send(bytes);
  }

  get overlaps(): boolean {
    return this.#state?.overlaps ?? false;
  }

  /**
   * Identifiers for the delivery of a message by a subscription; undefined if another one delivers it. A retained value
   * answers the one subscription that asked for it.
   */
  idsFor(subscription: ActiveSubscription, stored: Stored, retained: boolean): readonly number[] | undefined {
    const { subscriptionId } = subscription.options;
    if (retained || !this.overlaps) return subscriptionId === undefined ? [] : [subscriptionId];
    const delivery = deliveryOf(this, stored);
    return delivery?.by === subscription ? delivery.ids : undefined;
  }

  form(
    { retainAsPublished }: SubscriptionOptions,
    qos: Quality,
    retained: boolean,
    ids: readonly number[],
  ): DeliveryParts {
    const { version, aliasesOut: aliases, maxPacket } = this;
    const now = this.context.services.clock.now();
    return { version, qos, retainAsPublished, ids, now, retained, aliases, maxPacket };
  }

  /** There is room in the window. */
  feed(): void {
    const hungry = this.#hungry;
    if (hungry === undefined || hungry.size === 0) return;
    this.#hungry = undefined;
    for (const each of hungry) each.pump();
  }

  published(ticket: number | undefined, _epoch: string, _result: Appended): void {
    if (ticket === undefined || this.phase === "closed") return;
    if (ticket < EXACTLY_ONCE) this.unanswered -= 1;
    this.link.send(encodeAck(ticket < EXACTLY_ONCE ? "puback" : "pubrec", ticket & 0xffff));
  }

  refused(ticket: number | undefined, error: ProtocolError): void {
    increase(this.context.services.counters.errors, error.reason);
    if (ticket === undefined || this.phase === "closed") return;
    const type = ticket < EXACTLY_ONCE ? "puback" : "pubrec";
    const packetId = ticket & 0xffff;
    // 3.1.1 has no word for "not stored", and an acknowledgement would be a lie: the client comes back and sends it again.
    if (this.version === 4) return this.close(reasonOfError(error.reason), error.message);
    if (type === "puback") this.unanswered -= 1;
    else this.state.received?.delete(packetId);
    const code = reasonOfError(error.reason);
    const known = reasonName(code, type) === undefined ? REASON.implementation : code;
    this.send({ type, packetId, code: known, properties: { reasonString: error.message } });
  }

  /** A fault of the server while it worked for this client: the client comes again. */
  failed(error: unknown, doing: string): void {
    if (this.phase === "closed") return;
    this.context.services.logger.error({ err: error, client: this.clientId }, `mqtt: fault while ${doing}`);
    this.close(REASON.unspecified, "a fault of the server; it is in the server's log");
  }

  #take(packet: MqttPacket): void {
    if (this.phase === "closed") return;
    this.context.services.counters.commands += 1;
    if (this.phase !== "connecting") return handle(this, packet);
    this.#waiting ??= [];
    if (this.#waiting.push(packet) > MAX_WAITING)
      this.close(REASON.quota, `more than ${MAX_WAITING} packets were sent before CONNACK`);
  }

  #malformed(fault: MqttFault): void {
    increase(this.context.services.counters.errors, "malformed");
    if (this.phase !== "new") return this.close(fault.code, fault.message);
    this.version = fault.version ?? 4;
    this.refuse(fault.code, fault.message);
  }

  #sayWhy(code: number, text: string): void {
    const { serverReference } = this.context.settings;
    const goes = code === REASON.shuttingDown && serverReference !== undefined;
    const properties = {
      reasonString: text === "" ? undefined : text,
      serverReference: goes ? serverReference : undefined,
    };
    this.send({ type: "disconnect", code: goes ? REASON.useAnother : code, properties });
  }
}

export const PINGRESP = encodePacket({ type: "pingresp" }, 4);
