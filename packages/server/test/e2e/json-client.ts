/** Objects as they stand in a frame of tidegate.v1.json. */
export type Json = { readonly [key: string]: unknown };

interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** The types of browsers, which other packages need, hide the options that Bun takes. */
const BunWebSocket = WebSocket as unknown as new (url: string, options: Bun.WebSocketOptions) => WebSocket;

/** A client on a real WebSocket that speaks JSON and keeps what comes. */
export class JsonClient {
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, (reply: Json) => void>();
  #waiting: (() => void)[] = [];
  #id = 0;
  readonly pushes: Json[] = [];
  closed: Closed | undefined = undefined;
  /** Called for each push in place of keeping it. */
  onPush: (push: Json) => void = (push) => void this.pushes.push(push);

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#read(String(data));
    socket.onclose = ({ code, reason }) => this.#end({ code, reason });
  }

  /** Rejects if the handshake fails. */
  static open(url: string, options: Bun.WebSocketOptions = { protocols: ["tidegate.v1.json"] }): Promise<JsonClient> {
    const socket = new BunWebSocket(url, options);
    const client = new JsonClient(socket);
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(client);
      socket.onerror = () => reject(new Error(`no connection to ${url}`));
    });
  }

  /** Opened and let in. */
  static async connect(url: string, token?: string): Promise<JsonClient> {
    const client = await JsonClient.open(url);
    await client.ask({ connect: token === undefined ? {} : { token } });
    return client;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get extensions(): string {
    return this.#socket.extensions;
  }

  /** Resolves with the reply; never if the connection ends before it. */
  ask(command: Json): Promise<Json> {
    const id = ++this.#id;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.send({ id, ...command });
    });
  }

  send(...commands: readonly Json[]): void {
    this.raw(commands.map((command) => JSON.stringify(command)).join("\n"));
  }

  raw(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(frame);
  }

  async end(): Promise<Closed> {
    return this.closed ?? (await this.until(() => this.closed !== undefined), this.closed ?? { code: 0, reason: "" });
  }

  /** Resolves when the condition holds; it is looked at whenever something came. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  messages(): readonly Json[] {
    return this.pushes.filter((push) => push["message"] !== undefined).map((push) => push["message"] as Json);
  }

  close(): void {
    this.#socket.close(1000);
  }

  #read(frame: string): void {
    for (const line of frame.split("\n")) this.#take(JSON.parse(line) as Json);
    this.#tell();
  }

  #take(object: Json): void {
    const { id } = object;
    if (typeof id !== "number") return this.onPush(object);
    this.#asked.get(id)?.(object);
    this.#asked.delete(id);
  }

  #end(closed: Closed): void {
    this.closed = closed;
    this.#tell();
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}
