import type { Socket } from "bun";
import type { Link, LinkHandler } from "../../client/link.ts";
import { write } from "../../tcp/write.ts";
import type { Address } from "../dialect.ts";
import { PacketReader } from "./packet-reader.ts";

/** MQTT on a bare TCP socket. */
export class MqttConnection implements Link {
  readonly #handler: LinkHandler;
  readonly #packets = new PacketReader();
  #socket: Socket<MqttConnection> | undefined;
  #unsent: Uint8Array | undefined;
  #closing = false;
  readonly #take = (bytes: Uint8Array, start: number, end: number): void => this.#handler.message(bytes, start, end);

  private constructor(handler: LinkHandler) {
    this.#handler = handler;
  }

  /** Rejects if the server is away. */
  static async open({ host: hostname, port }: Address, handler: LinkHandler): Promise<MqttConnection> {
    const connection = new MqttConnection(handler);
    connection.#socket = await Bun.connect<MqttConnection>({ hostname, port, data: connection, socket: SOCKET_EVENTS });
    return connection;
  }

  send(packets: Uint8Array): void {
    this.#unsent = write(this.#socket, packets, this.#unsent);
  }

  close(): void {
    this.#closing = true;
    this.#socket?.end();
  }

  received(chunk: Uint8Array): void {
    try {
      this.#packets.read(chunk, this.#take);
      this.#handler.endOfRead();
    } catch (error) {
      this.ended(error instanceof Error ? error.message : String(error));
    }
  }

  drained(): void {
    if (this.#unsent !== undefined) this.#unsent = write(this.#socket, this.#unsent, undefined);
  }

  ended(reason: string): void {
    if (this.#closing) return;
    this.close();
    this.#handler.lost(reason);
  }
}

const SOCKET_EVENTS = {
  data: (socket: Socket<MqttConnection>, chunk: Uint8Array) => socket.data.received(chunk),
  drain: (socket: Socket<MqttConnection>) => socket.data.drained(),
  close: (socket: Socket<MqttConnection>) => socket.data.ended("the connection ended"),
  end: (socket: Socket<MqttConnection>) => socket.data.ended("the connection ended"),
};
