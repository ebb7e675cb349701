import { encodePacket, MqttDecoder, type MqttPacket, type MqttVersion } from "@tidegate/protocol/mqtt";
import { connectPacket, tcp, type Wire } from "../support/client.ts";
import { durable } from "../support/node.ts";

/** A client whose session lives as long as the test, however often its connection is lost. */
export abstract class CrashClient {
  readonly id: string;
  readonly version: MqttVersion;
  /** What the server did that it must not do. */
  readonly faults: string[] = [];
  #wire: Wire | undefined;
  #connects = 0;
  /** From then on the connection before is not heard any more. */
  #forgetBefore = (): unknown => undefined;

  constructor(id: string, version: MqttVersion) {
    this.id = id;
    this.version = version;
  }

  /** Resolves when the server has answered; then everything goes on by itself. */
  async connect(port: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const decoder = new MqttDecoder({ role: "client", version: this.version, maxPacketSize: 1_000_000 });
    this.#forgetBefore();
    let isCurrent = true;
    this.#forgetBefore = () => (isCurrent = false);
    const take = (packet: MqttPacket): void => {
      if (packet.type !== "connack") return this.take(packet);
      this.#welcome(packet.code, packet.sessionPresent);
      resolve();
    };
    const wire = await tcp(port)({
      data: (chunk) => (isCurrent ? decoder.read(chunk, take) : undefined),
      ended() {
        isCurrent = false;
        reject(new Error("the connection was lost before CONNACK"));
      },
    });
    this.#wire = wire;
    wire.write(encodePacket(connectPacket(this.version, durable(this.id, this.version)), this.version));
    await promise;
  }

  protected send(packet: MqttPacket): void {
    this.#wire?.write(encodePacket(packet, this.version));
  }

  protected ack(type: "puback" | "pubrec" | "pubrel" | "pubcomp", packetId: number): void {
    this.send({ type, packetId, code: 0, properties: undefined });
  }

  protected abstract take(packet: MqttPacket): void;
  /** The connection is there; `first` for the first one of all. */
  protected abstract begin(first: boolean): void;

  #welcome(code: number, sessionPresent: boolean): void {
    const first = this.#connects++ === 0;
    if (code !== 0) this.faults.push(`${this.id}: refused with ${code}`);
    if (sessionPresent === first)
      this.faults.push(`${this.id}: connection ${this.#connects} finds a session: ${sessionPresent}`);
    this.begin(first);
  }
}
