import type { ProtocolError } from "@tidegate/protocol";
import { MqttDecoder, MqttFault, type MqttPacket, reasonName, type Will } from "@tidegate/protocol/mqtt";
import type { Identity } from "../../auth/index.ts";
import { SessionTaken } from "../../durable/session-store.ts";
import type { Appended } from "../../log/log.ts";
import type { Publisher } from "../../log/appender.ts";
import { increase } from "../../session/services.ts";
import type { AliasesIn } from "./aliases.ts";
import type { MqttContext } from "./context.ts";
import { Early } from "./early.ts";
import { farewell, reasonString, refusal } from "./farewell.ts";
import type { Link, LinkOwner } from "./link.ts";
import { Outlet } from "./outlet.ts";
import { handle } from "./packets/index.ts";
import { REASON, reasonOfClose, reasonOfError } from "./reasons.ts";
import { leave } from "./leave.ts";
import type { SessionState } from "./state.ts";

/** Set in a ticket of a publish at QoS 2: beyond every packet id. */
export const EXACTLY_ONCE = 0x10000;

/** One MQTT connection, from its first byte to its last. */
export class MqttClient extends Outlet implements Publisher, LinkOwner {
  readonly #decoder: MqttDecoder;
  /** What came while CONNECT was worked on; while SUBSCRIBE is, it is there. */
  #early: Early | undefined = undefined;
  /** When the last bytes came, in milliseconds since 1970. */
  heard: number;
  /** Reason code of the DISCONNECT that is about to be sent, where it says more than the gateway's close code. */
  #reason: number | undefined = undefined;

  // What CONNECT says.
  clientId = "";
  identity: Identity | undefined = undefined;
  will: Will | undefined = undefined;
  /** Under which the log stores the will. */
  willId = "";
  /** Milliseconds of silence after which the client is gone; 0: it may be silent for ever. */
  patience = 0;
  /** Whether acknowledgements may have reason strings. [MQTT-3.1.2-29] */
  explains = true;
  /** The topic of its last message, which was found to be one: most clients publish to the same one again and again. */
  soundTopic = "";
  aliasesIn: AliasesIn | undefined = undefined;
  /** Messages of QoS 1 and 2 from the client that have no answer yet. */
  unanswered = 0;
  #state: SessionState | undefined = undefined;

  constructor(context: MqttContext, link: Link, remote: string) {
    super(context, link, remote);
    link.owner = this;
    this.#decoder = new MqttDecoder({ maxPacketSize: context.settings.maxPacket, role: "server" });
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

  get overlaps(): boolean {
    return this.#state?.overlaps ?? false;
  }

  data(chunk: Uint8Array): void {
    if (this.phase === "closed") return;
    this.heard = this.context.services.clock.now();
    if (this.#holdsBack && this.#isTooMuch(this.#waiting.count(chunk.length))) return;
    try {
      this.#decoder.read(chunk, (packet) => this.#take(packet));
    } catch (error) {
      if (!(error instanceof MqttFault)) throw error;
      this.#malformed(error);
    }
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

  /** Puts off the end that the store has for its session. */
  keep(): void {
    this.state.progress?.keep(this.context.services.clock.now(), this.state.expiry);
  }

  /** Another connection has this client's id. [MQTT-3.1.4-3] */
  takenOver(): void {
    this.close(REASON.takenOver, "another connection has this client id");
  }

  ended(code: number, text: string): void {
    const { serverReference } = this.context.settings;
    const reason = this.#reason ?? reasonOfClose(code);
    if (this.phase === "open" && this.version === 5) this.send(farewell(reason, text, serverReference));
    leave(this, true);
    this.link.end();
  }

  /** What comes from now on waits until `opened`. */
  holdBack(): void {
    this.#early = new Early(this.context.services.limits.maxBuffered);
  }

  /** CONNECT or SUBSCRIBE has been answered: what came meanwhile is handled now. */
  opened(): void {
    this.phase = "open";
    const packets = this.#early?.packets ?? [];
    this.#early = undefined;
    for (const packet of packets) this.#take(packet);
  }

  /** Refuses the CONNECT and ends the connection. */
  refuse(code: number, text: string, serverReference?: string): void {
    increase(this.context.services.counters.errors, "mqtt_refused");
    const packet = refusal(this.version, code, text, serverReference);
    if (packet !== undefined) this.send(packet);
    this.close(code, text);
  }

  /** Sends a message of a subscription behind those of QoS 2 that wait for the store, so that a topic keeps its order. */
  sendBehind(bytes: Uint8Array): void {
    const ledger = this.#state?.ledger;
    if (ledger === undefined) this.link.send(bytes);
    else ledger.behind(() => this.link.send(bytes));
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
    if (error instanceof SessionTaken) return this.takenOver();
    this.context.services.logger.error({ err: error, client: this.clientId }, `mqtt: fault while ${doing}`);
    const text = "a fault of the server; it is in the server's log";
    if (this.phase === "connecting") this.refuse(REASON.unavailable, text);
    else this.close(REASON.unspecified, text);
  }

  get #holdsBack(): boolean {
    return this.phase === "connecting" || this.#early !== undefined;
  }

  get #waiting(): Early {
    return (this.#early ??= new Early(this.context.services.limits.maxBuffered));
  }

  #take(packet: MqttPacket): void {
    if (this.phase === "closed") return;
    this.context.services.counters.commands += 1;
    if (!this.#holdsBack) return handle(this, packet);
    this.#isTooMuch(this.#waiting.add(packet));
  }

  #isTooMuch(fault: string | undefined): boolean {
    if (fault !== undefined) this.close(REASON.quota, fault);
    return fault !== undefined;
  }

  #malformed(fault: MqttFault): void {
    increase(this.context.services.counters.errors, "malformed");
    // Who speaks no MQTT is not answered in it.
    if (this.phase !== "new" || fault.version === undefined) return this.close(fault.code, fault.message);
    this.version = fault.version;
    this.refuse(fault.code, fault.message);
  }
}
