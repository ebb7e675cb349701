/** What becomes of a delivery. `hold` milliseconds later; `swap`: after the next one to the same client. */
export type Fate = "deliver" | "drop" | "repeat" | "swap" | { readonly hold: number };

/**
 * A room server in the test's own process that speaks Tidegate's JSON, and does to the n-th delivery what `fateOf` says.
 * While it is paused it answers and delivers nothing; then all at once.
 */
export function startFaulty(fateOf: (delivery: number) => Fate, tls?: Tls): FaultyServer {
  return new FaultyServer(fateOf, tls);
}

/** PEM. */
export interface Tls {
  readonly key: string;
  readonly cert: string;
}

interface Client {
  swapped: string | undefined;
  /** Publishes without an answer. */
  underWay: number;
  topic: string;
}

export class FaultyServer {
  deliveries = 0;
  /** Connections that ever came, and how many of them by source address. */
  opened = 0;
  readonly addresses = new Map<string, number>();
  publishes = 0;
  /** How many came to each topic. */
  readonly published = new Map<string, number>();
  /** The place that the n-th publish gets in its topic. */
  placeOf = (publish: number): number => publish;
  /** Where a client gets into that subscribes to a topic. */
  roomOf = (topic: string): string => topic;
  /** Most publishes of one connection that waited for an answer at once. */
  mostUnderWay = 0;
  /** Topics of connections that took less than they were sent, and how many bytes waited for them at most. */
  readonly backlog = new Map<string, number>();
  readonly #sockets = new Set<Bun.ServerWebSocket<Client>>();
  readonly #scheme: string;
  readonly #fateOf: (delivery: number) => Fate;
  readonly #rooms = new Map<string, Set<Bun.ServerWebSocket<Client>>>();
  readonly #server: Bun.Server<Client>;
  #held: (() => void)[] | undefined;

  constructor(fateOf: (delivery: number) => Fate, tls: Tls | undefined) {
    this.#fateOf = fateOf;
    this.#scheme = tls === undefined ? "ws" : "wss";
    this.#server = Bun.serve<Client>({
      hostname: "127.0.0.1",
      port: 0,
      ...(tls === undefined ? {} : { tls }),
      fetch: (request, server) => {
        this.#count(server.requestIP(request)?.address ?? "");
        const data = { swapped: undefined, underWay: 0, topic: "" };
        return server.upgrade(request, { data }) ? undefined : new Response("", { status: 426 });
      },
      websocket: {
        open: (socket) => void this.#sockets.add(socket),
        message: (socket, text) => {
          for (const line of String(text).split("\n")) this.#take(socket, line);
        },
        close: (socket) => {
          this.#sockets.delete(socket);
          for (const room of this.#rooms.values()) room.delete(socket);
        },
      },
    });
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#server.port}/ws`;
  }

  /** Open ones. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Ends all connections without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  pause(): void {
    this.#held = [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const act of held) act();
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }

  #count(address: string): void {
    this.opened += 1;
    this.addresses.set(address, (this.addresses.get(address) ?? 0) + 1);
  }

  #take(socket: Bun.ServerWebSocket<Client>, line: string): void {
    const command = JSON.parse(line) as Record<string, { topic?: string; data?: unknown }> & { id?: number };
    const { id, subscribe, publish } = command;
    if (subscribe !== undefined) this.#join(socket, this.roomOf(String(subscribe.topic)));
    const kind = Object.keys(command).find((key) => key !== "id");
    if (publish !== undefined) this.#begins(socket, String(publish.topic));
    this.#do(() => {
      if (publish !== undefined) socket.data.underWay -= 1;
      socket.send(JSON.stringify({ id, [kind ?? "ping"]: {} }));
    });
    const place = this.placeOf(this.publishes);
    if (publish !== undefined) this.#do(() => this.#publish(String(publish.topic), publish.data, place));
  }

  #begins({ data }: Bun.ServerWebSocket<Client>, topic: string): void {
    this.publishes += 1;
    this.published.set(topic, (this.published.get(topic) ?? 0) + 1);
    data.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, data.underWay);
  }

  #join(socket: Bun.ServerWebSocket<Client>, topic: string): void {
    socket.data.topic = topic;
    const room = this.#rooms.get(topic) ?? new Set();
    room.add(socket);
    this.#rooms.set(topic, room);
  }

  #do(act: () => void): void {
    if (this.#held === undefined) act();
    else this.#held.push(act);
  }

  #publish(topic: string, data: unknown, offset: number): void {
    const text = JSON.stringify({ message: { topic, offset, data } });
    for (const socket of this.#rooms.get(topic) ?? []) this.#deliver(socket, text, this.#fateOf(++this.deliveries));
  }

  #deliver(socket: Bun.ServerWebSocket<Client>, text: string, fate: Fate): void {
    if (fate === "drop") return;
    if (fate === "swap") {
      socket.data.swapped = text;
      return;
    }
    if (typeof fate === "object") {
      setTimeout(() => socket.send(text), fate.hold);
      return;
    }
    socket.send(text);
    this.#looksBehind(socket);
    if (fate === "repeat") socket.send(text);
    if (socket.data.swapped !== undefined) socket.send(socket.data.swapped);
    socket.data.swapped = undefined;
  }

  #looksBehind(socket: Bun.ServerWebSocket<Client>): void {
    const waiting = socket.getBufferedAmount();
    const { topic } = socket.data;
    if (waiting > (this.backlog.get(topic) ?? 0)) this.backlog.set(topic, waiting);
  }
}
