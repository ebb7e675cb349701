import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";

export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface RawFrame {
  readonly opcode: number;
  readonly compressed: boolean;
  readonly payload: Buffer;
}

interface RawOptions {
  readonly port: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** Over TLS with these. */
  readonly tls?: ConnectionOptions;
}

/**
 * A WebSocket client that does nothing by itself: it answers no ping, and reads only while it is not paused. What no
 * library lets a test do.
 */
export class RawClient {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #head: string | undefined;
  #waiting: (() => void)[] = [];
  readonly frames: RawFrame[] = [];
  ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (data: Buffer) => this.#read(data));
    socket.on("error", () => this.#end());
    socket.on("close", () => this.#end());
  }

  /** Resolves when the server has answered the request for an upgrade, whatever it said. */
  static async open({ port, headers = {}, path = "/ws", tls }: RawOptions): Promise<RawClient> {
    const socket = tls === undefined ? connect(port, "127.0.0.1") : connectTls({ port, host: "127.0.0.1", ...tls });
    const client = new RawClient(socket);
    const all = { ...HANDSHAKE, Host: `127.0.0.1:${port}`, ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
    await client.until(() => client.#head !== undefined || client.ended);
    return client;
  }

  /** Status line and headers of the answer. */
  get head(): string {
    return this.#head ?? "";
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.head)?.[1] ?? 0);
  }

  /** What came behind the head of an answer that is no upgrade. */
  get body(): string {
    return this.#bytes.toString();
  }

  text(text: string): void {
    this.send(OPCODE.text, Buffer.from(text));
  }

  send(opcode: number, payload: Buffer): void {
    this.#socket.write(frameOf(opcode, payload));
  }

  bytes(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Code of the close frame that came. */
  get closeCode(): number | undefined {
    return this.frames.find(({ opcode }) => opcode === OPCODE.close)?.payload.readUInt16BE(0);
  }

  /** Objects of all text frames. */
  objects(): readonly { readonly [key: string]: unknown }[] {
    return this.frames
      .filter(({ opcode, compressed }) => opcode === OPCODE.text && !compressed)
      .flatMap(({ payload }) => payload.toString().split("\n"))
      .map((line) => JSON.parse(line) as { readonly [key: string]: unknown });
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(data: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, data]);
    if (this.#head === undefined) this.#readHead();
    if (this.status === 101) while (this.#readFrame());
    this.#tell();
  }

  #readHead(): void {
    const end = this.#bytes.indexOf("\r\n\r\n");
    if (end < 0) return;
    this.#head = this.#bytes.subarray(0, end).toString();
    this.#bytes = this.#bytes.subarray(end + 4);
  }

  #readFrame(): boolean {
    const bytes = this.#bytes;
    if (bytes.length < 2) return false;
    const short = bytes.readUInt8(1) & 127;
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < start) return false;
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < start + length) return false;
    const first = bytes.readUInt8(0);
    const payload = bytes.subarray(start, start + length);
    this.frames.push({ opcode: first & 15, compressed: (first & 64) !== 0, payload });
    this.#bytes = bytes.subarray(start + length);
    return true;
  }

  #end(): void {
    this.ended = true;
    this.#tell();
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}

const HANDSHAKE = {
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** A whole frame with a mask of zeros, which leaves the payload as it is. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 6 : length < 65_536 ? 8 : 14);
  head.writeUInt8(128 | opcode, 0);
  head.writeUInt8(128 | (length < 126 ? length : length < 65_536 ? 126 : 127), 1);
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, payload]);
}
