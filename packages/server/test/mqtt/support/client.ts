import {
  type ConnackPacket,
  type ConnectPacket,
  encodePacket,
  MqttDecoder,
  type MqttPacket,
  type MqttPacketType,
  type MqttProperties,
  type MqttVersion,
  type PublishPacket,
  type Qos,
  type SubackPacket,
  type Subscription,
  type Will,
} from "@tidegate/protocol/mqtt";
import type { Dial, Wire } from "./wires.ts";

export { tcp, webSocket, type Wire } from "./wires.ts";

type Of<T extends MqttPacketType, P = MqttPacket> = P extends { readonly type: infer U }
  ? T extends U
    ? P
    : never
  : never;

export interface ConnectWishes {
  readonly clientId?: string;
  readonly cleanStart?: boolean;
  readonly keepAlive?: number;
  readonly will?: Partial<Will> & { readonly topic: string };
  readonly username?: string;
  readonly password?: string;
  readonly properties?: MqttProperties;
}

export interface PublishWishes {
  readonly qos?: Qos;
  readonly retain?: boolean;
  readonly dup?: boolean;
  readonly packetId?: number;
  readonly properties?: MqttProperties;
}

export type SubscribeWishes = Partial<Omit<Subscription, "filter">> & { readonly id?: number };

/** An MQTT client that does nothing by itself: a test sends packets, and takes what came, one after the other. */
export class MqttTestClient {
  readonly version: MqttVersion;
  readonly #decoder: MqttDecoder;
  readonly #came: MqttPacket[] = [];
  #wire: Wire | undefined;
  #ended = false;
  #wake: (() => void)[] = [];
  #packetId = 0;

  private constructor(version: MqttVersion) {
    this.version = version;
    this.#decoder = new MqttDecoder({ role: "client", version, maxPacketSize: 268_435_460 });
  }

  static async open(dial: Dial, version: MqttVersion = 5): Promise<MqttTestClient> {
    const client = new MqttTestClient(version);
    client.#wire = await dial({
      data: (chunk) => client.#data(chunk),
      ended: () => {
        client.#ended = true;
        client.#changed();
      },
    });
    return client;
  }

  /** Packets that came and were not taken. */
  get waiting(): readonly MqttPacket[] {
    return this.#came;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  get wire(): Wire {
    if (this.#wire === undefined) throw new Error("there is no connection yet");
    return this.#wire;
  }

  send(packet: MqttPacket): void {
    this.bytes(encodePacket(packet, this.version));
  }

  bytes(bytes: Uint8Array): void {
    this.wire.write(bytes);
  }

  /** The next packet, which must be of this type. */
  async take<T extends MqttPacketType>(type: T): Promise<Of<T>> {
    while (this.#came.length === 0) {
      if (this.#ended) throw new Error(`the connection ended, ${type} was expected`);
      await this.change();
    }
    const packet = this.#came.shift()!;
    if (packet.type !== type) throw new Error(`${type} was expected, this came: ${JSON.stringify(packet)}`);
    return packet as Of<T>;
  }

  /** The first packet of this type and packet id, whatever came before it. */
  async pick<T extends MqttPacketType>(type: T, packetId: number): Promise<Of<T>> {
    const isIt = (packet: MqttPacket): boolean =>
      packet.type === type && (packet as { readonly packetId?: number }).packetId === packetId;
    for (let at = this.#came.findIndex(isIt); ; at = this.#came.findIndex(isIt)) {
      if (at >= 0) return this.#came.splice(at, 1)[0] as Of<T>;
      if (this.#ended) throw new Error(`the connection ended, ${type} was expected`);
      await this.change();
    }
  }

  /** A PINGREQ was answered; what came before it stays. */
  async pickPing(): Promise<void> {
    this.send({ type: "pingreq" });
    for (let at = -1; at < 0;) {
      at = this.#came.findIndex(({ type }) => type === "pingresp");
      if (at >= 0) this.#came.splice(at, 1);
      else if (this.#ended) throw new Error("the connection ended, pingresp was expected");
      else await this.change();
    }
  }

  /** Resolves when a packet has come or the connection has ended. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  /** Nothing is waiting, and nothing was before the server answered a PINGREQ. */
  async nothing(): Promise<void> {
    this.send({ type: "pingreq" });
    await this.take("pingresp");
    if (this.#came.length > 0) throw new Error(`nothing was expected, this came: ${JSON.stringify(this.#came)}`);
  }

  /** Resolves when the server has ended the connection; rejects if a packet came before that. */
  async end(): Promise<void> {
    while (!this.#ended) await this.change();
    if (this.#came.length > 0) throw new Error(`the end was expected, this came: ${JSON.stringify(this.#came)}`);
  }

  /** DISCONNECT in 5.0, which 3.1.1 does not have for servers, and the end. Returns its reason code. */
  async farewell(): Promise<number | undefined> {
    const code = this.version === 5 ? (await this.take("disconnect")).code : undefined;
    await this.end();
    return code;
  }

  sendConnect(wishes: ConnectWishes = {}): void {
    this.send(connectPacket(this.version, wishes));
  }

  async connect(wishes: ConnectWishes = {}): Promise<ConnackPacket> {
    this.sendConnect(wishes);
    return this.take("connack");
  }

  get nextId(): number {
    return (this.#packetId = (this.#packetId % 65_535) + 1);
  }

  /** Sends it and nothing more. Returns its packet id. */
  publish(topic: string, payload: string | Uint8Array, wishes: PublishWishes = {}): number {
    const { qos = 0, retain = false, dup = false, properties } = wishes;
    const packetId = wishes.packetId ?? (qos === 0 ? undefined : this.nextId);
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    this.send({ type: "publish", topic, payload: bytes, qos, retain, dup, packetId, properties });
    return packetId ?? 0;
  }

  /** Publishes and takes every answer, as the QoS asks for. */
  async deliver(topic: string, payload: string | Uint8Array, wishes: PublishWishes = {}): Promise<void> {
    const packetId = this.publish(topic, payload, wishes);
    if (wishes.qos !== 1 && wishes.qos !== 2) return;
    const { code, properties } = await this.pick(wishes.qos === 1 ? "puback" : "pubrec", packetId);
    if (code !== 0) throw new Error(`${topic}: refused with ${code}: ${properties?.reasonString}`);
    if (wishes.qos === 1) return;
    this.ack("pubrel", packetId);
    await this.pick("pubcomp", packetId);
  }

  ack(type: "puback" | "pubrec" | "pubrel" | "pubcomp", packetId: number, code = 0): void {
    this.send({ type, packetId, code, properties: undefined });
  }

  sendSubscribe(filters: string | readonly string[], wishes: SubscribeWishes = {}): number {
    const { qos = 0, noLocal = false, retainAsPublished = false, retainHandling = 0, id } = wishes;
    const subscriptions = [filters]
      .flat()
      .map((filter) => ({ filter, qos, noLocal, retainAsPublished, retainHandling }));
    const packetId = this.nextId;
    const properties = id === undefined ? undefined : { subscriptionIdentifiers: [id] };
    this.send({ type: "subscribe", packetId, subscriptions, properties });
    return packetId;
  }

  subscribe(filters: string | readonly string[], wishes: SubscribeWishes = {}): Promise<SubackPacket> {
    return this.pick("suback", this.sendSubscribe(filters, wishes));
  }

  async unsubscribe(...filters: readonly string[]): Promise<readonly number[]> {
    const packetId = this.nextId;
    this.send({ type: "unsubscribe", packetId, filters, properties: undefined });
    return (await this.pick("unsuback", packetId)).codes;
  }

  disconnect(code = 0, properties?: MqttProperties): void {
    this.send({ type: "disconnect", code, properties });
  }

  /** The next packet is a PUBLISH; it is acknowledged as its QoS asks for. */
  async receive(): Promise<PublishPacket> {
    const packet = await this.take("publish");
    const { qos, packetId } = packet;
    if (qos === 1) this.ack("puback", packetId!);
    if (qos !== 2) return packet;
    this.ack("pubrec", packetId!);
    await this.pick("pubrel", packetId!);
    this.ack("pubcomp", packetId!);
    return packet;
  }

  /** The payloads of the next messages. */
  async texts(count: number): Promise<readonly string[]> {
    const texts: string[] = [];
    while (texts.length < count) texts.push(textOf(await this.receive()));
    return texts;
  }

  /** The connection breaks: no DISCONNECT is sent. */
  cut(): void {
    this.wire.cut();
  }

  #data(chunk: Uint8Array): void {
    this.#decoder.read(chunk, (packet) => this.#came.push(packet));
    this.#changed();
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

export function textOf({ payload }: Pick<PublishPacket, "payload">): string {
  return Buffer.from(payload).toString();
}

export function connectPacket(version: MqttVersion, wishes: ConnectWishes): ConnectPacket {
  const { clientId = "", cleanStart = true, keepAlive = 0, username, password, properties, will } = wishes;
  return {
    type: "connect",
    version,
    clientId,
    cleanStart,
    keepAlive,
    username: username ?? (version === 4 && password !== undefined ? "user" : undefined),
    password: password === undefined ? undefined : Buffer.from(password),
    properties,
    will:
      will === undefined
        ? undefined
        : { payload: Buffer.from("gone"), qos: 0, retain: false, properties: undefined, ...will },
  };
}
