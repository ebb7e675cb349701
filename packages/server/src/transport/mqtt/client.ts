import type { ProtocolError, Stored } from "@tidegate/protocol";
import {
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
import { type DeliveryParts, type DeliveryWishes, UNBOUNDED } from "./deliver.ts";
import type { Link, LinkOwner } from "./link.ts";
import { handle } from "./packets/index.ts";
import { REASON, reasonOfClose, reasonOfError } from "./reasons.ts";
import { leave } from "./leave.ts";
import type { SessionState } from "./state.ts";
import { type Delivery, deliveryOf } from "./overlap.ts";
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
  /** Whether acknowledgements may have reason strings. [MQTT-3.1.2-29] */
  explains = true;
  /** Messages of QoS 1 and 2 that may be under way to the client. */
  maxInflight = 0;
  aliasesIn: AliasesIn | undefined = undefined;
  aliasesOut: AliasesOut | undefined = undefined;
  /** What was under way before it came back goes first. */
  isResuming = false;
  /** Messages of QoS 1 and 2 from the client that have no answer yet. */
  unanswered = 0;
  #state: SessionState | undefined = undefined;
  #window: Window | undefined = undefined;
  #hungry: Set<Hungry> | undefined = undefined;
  /** Somebody waits until it is well to write. */
  #isAwaited = false;
  #isFeeding = false;
  /** Bytes that came while CONNECT was worked on. */
  #early = 0;

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
    if (this.phase === "connecting" && this.#isTooEager(chunk.length)) return;
    try {
      this.#decoder.read(chunk, (packet) => this.#take(packet));
    } catch (error) {
      if (!(error instanceof MqttFault)) throw error;
      this.#malformed(error);
    }
  }

  drained(): void {
    this.#isAwaited = false;
    this.session.drained();
    if (this.isWritable) this.feed();
  }

  /** All of a turn has been handed to the kernel: whoever waited for that goes on. */
  flushed(): void {
    if (this.#isAwaited || (this.#hungry !== undefined && this.#hungry.size > 0)) this.drained();
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
    const properties = { ...reasonString(text), serverReference };
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
   * How a subscription delivers a message; undefined if another one does. A retained value answers the one subscription
   * that asked for it.
   */
  deliveryFor(by: ActiveSubscription, stored: Stored, retained: boolean): Delivery | undefined {
    const { qos, subscriptionId } = by.options;
    if (retained || !this.overlaps) return { by, qos, ids: subscriptionId === undefined ? NO_IDS : [subscriptionId] };
    const delivery = deliveryOf(this, stored);
    return delivery?.by === by ? delivery : undefined;
  }

  form({ retainAsPublished }: SubscriptionOptions, delivery: DeliveryWishes): DeliveryParts {
    const { version, aliasesOut: aliases, maxPacket } = this;
    const now = this.context.services.clock.now();
    const { qos, retained, ids, again } = delivery;
    return { version, qos, retainAsPublished, ids, now, retained, again, aliases, maxPacket };
  }

  /** Messages that may be sent now: what the client acknowledges and what it reads both count. */
  get room(): number {
    return this.isWritable && !this.isResuming ? this.window.room : 0;
  }

  get isWritable(): boolean {
    return this.link.getBufferedAmount() <= this.context.services.limits.maxBuffered * WRITABLE_SHARE;
  }

  /** Whether so many bytes may be sent without the client being taken for one that does not read. */
  hasRoomFor(bytes: number): boolean {
    return this.link.getBufferedAmount() + bytes <= this.context.services.limits.maxBuffered;
  }

  /** Sends a message of a subscription behind those of QoS 2 that wait for the store, so that a topic keeps its order. */
  sendBehind(bytes: Uint8Array): void {
    const ledger = this.#state?.ledger;
    if (ledger === undefined) this.link.send(bytes);
    else ledger.behind(() => this.link.send(bytes));
  }

  /** Resolves when the client has taken some of what was sent to it; one after another for those who wait. */
  whenWritable(): Promise<void> {
    this.#isAwaited = true;
    return this.session.whenWritable();
  }

  /** There is room in the window. */
  feed(): void {
    const hungry = this.#hungry;
    if (hungry === undefined || hungry.size === 0 || this.phase === "closed") return;
    this.#hungry = undefined;
    for (const each of hungry) each.pump();
  }

  /** Once at the end of this turn, however often it is called: one subscription may have waited for another. */
  feedLater(): void {
    if (this.#isFeeding || this.#hungry === undefined || this.#hungry.size === 0) return;
    this.#isFeeding = true;
    this.context.services.clock.endOfTurn(() => {
      this.#isFeeding = false;
      this.feed();
    });
  }

  published(ticket: number | undefined, _epoch: string, _result: Appended): void {
    if (ticket === undefined || this.phase === "closed") return;
    if (ticket < EXACTLY_ONCE) this.unanswered -= 1;
    else this.state.noteLogged(ticket & 0xffff);
    this.link.sendAck(ticket < EXACTLY_ONCE ? "puback" : "pubrec", ticket & 0xffff);
  }

  refused(ticket: number | undefined, error: ProtocolError): void {
    increase(this.context.services.counters.errors, error.reason);
    if (ticket === undefined || this.phase === "closed") return;
    const type = ticket < EXACTLY_ONCE ? "puback" : "pubrec";
    const packetId = ticket & 0xffff;
    // 3.1.1 has no word for "not stored", and an acknowledgement would be a lie: the client comes back and sends it again.
    if (this.version === 4) return this.close(reasonOfError(error.reason), error.message);
    if (type === "puback") this.unanswered -= 1;
    else this.state.forgetReceived(packetId);
    const code = reasonOfError(error.reason);
    const known = reasonName(code, type) === undefined ? REASON.implementation : code;
    this.send({ type, packetId, code: known, properties: this.explains ? reasonString(error.message) : undefined });
  }

  /** A fault of the server while it worked for this client: the client comes again. */
  failed(error: unknown, doing: string): void {
    if (this.phase === "closed") return;
    this.context.services.logger.error({ err: error, client: this.clientId }, `mqtt: fault while ${doing}`);
    const text = "a fault of the server; it is in the server's log";
    if (this.phase === "connecting") this.refuse(REASON.unavailable, text);
    else this.close(REASON.unspecified, text);
  }

  #take(packet: MqttPacket): void {
    if (this.phase === "closed") return;
    this.context.services.counters.commands += 1;
    if (this.phase !== "connecting") return handle(this, packet);
    this.#waiting ??= [];
    if (this.#waiting.push(packet) > MAX_WAITING)
      this.close(REASON.quota, `more than ${MAX_WAITING} packets were sent before CONNACK`);
  }

  /** What waits for CONNACK is bounded in bytes, too. */
  #isTooEager(bytes: number): boolean {
    const { maxBuffered } = this.context.services.limits;
    this.#early += bytes;
    if (this.#early <= maxBuffered) return false;
    this.close(REASON.quota, `more than ${maxBuffered} bytes were sent before CONNACK`);
    return true;
  }

  #malformed(fault: MqttFault): void {
    increase(this.context.services.counters.errors, "malformed");
    // Who speaks no MQTT is not answered in it.
    if (this.phase !== "new" || fault.version === undefined) return this.close(fault.code, fault.message);
    this.version = fault.version;
    this.refuse(fault.code, fault.message);
  }

  #sayWhy(code: number, text: string): void {
    const { serverReference } = this.context.settings;
    const goes = code === REASON.shuttingDown && serverReference !== undefined;
    const properties = { ...reasonString(text), serverReference: goes ? serverReference : undefined };
    this.send({ type: "disconnect", code: goes ? REASON.useAnother : code, properties });
  }
}

/** Half of the buffer bound must be free before the client is sent more than it has asked for. */
const WRITABLE_SHARE = 0.5;

const NO_IDS: readonly number[] = [];

/** Characters of a reason string: it may quote what the client sent, which can be as long as a packet. */
const MAX_REASON = 300;

function reasonString(text: string): { readonly reasonString: string | undefined } {
  if (text.length <= MAX_REASON) return { reasonString: text === "" ? undefined : text };
  return { reasonString: `${text.slice(0, MAX_REASON).toWellFormed()}…` };
}

export const PINGRESP = encodePacket({ type: "pingresp" }, 4);
