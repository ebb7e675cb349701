import {
  Client,
  type ClientOptions,
  type Gap,
  type Message,
  type Subscription,
  type TidegateError,
} from "../../src/index.ts";
import { HandClock, settle } from "./clock.ts";
import { FakeSocket } from "./socket.ts";

/** Everything around a client, in the hands of a test. */
export class World {
  readonly clock = new HandClock();
  readonly sockets: FakeSocket[] = [];
  readonly reported: unknown[] = [];
  random = 0.5;
  wake: () => void = () => {};
  onsocket: (socket: FakeSocket) => void = () => {};
  #ids = 0;

  options(more: ClientOptions = {}): ClientOptions {
    const open = (socket: FakeSocket): void => {
      this.sockets.push(socket);
      this.onsocket(socket);
    };
    class Scripted extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        open(this);
      }
    }
    return {
      WebSocket: Scripted,
      clock: this.clock,
      random: () => this.random,
      newId: () => `id-${++this.#ids}`,
      onWake: (listener) => ((this.wake = listener), () => (this.wake = () => {})),
      report: (error) => this.reported.push(error),
      ...more,
    };
  }

  client(more: ClientOptions = {}, endpoints: string | string[] = "ws://one/ws"): Client {
    return new Client(endpoints, this.options(more));
  }

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("no socket was opened");
    return last;
  }

  /** Lets the socket that was opened last go through `connect`. */
  async accept(reply: object = {}): Promise<FakeSocket> {
    await settle();
    await this.socket.accept();
    await this.socket.reply("connect", { session: "s", ping: 25, ...reply });
    return this.socket;
  }

  /** A client that is connected. */
  async connected(more: ClientOptions = {}, reply: object = {}): Promise<{ client: Client; socket: FakeSocket }> {
    const client = this.client(more).connect();
    return { client, socket: await this.accept(reply) };
  }

  /** Loses the connection and makes the next one, without a wait. */
  async reconnect(reply: object = {}): Promise<FakeSocket> {
    await this.socket.drop();
    this.wake();
    return this.accept(reply);
  }
}

/** The rejection of a promise. */
export async function failure(promise: Promise<unknown>): Promise<TidegateError> {
  try {
    await promise;
  } catch (error) {
    return error as TidegateError;
  }
  throw new Error("it did not reject");
}

/** A message push. */
export function msg(topic: string, offset: number, previous: number, more: object = {}): { message: object } {
  return { message: { topic, offset, previous, time: 1, data: offset, ...more } };
}

/** Messages of a history reply: offsets in a chain that begins after `previous`. */
export function chain(topic: string, previous: number, ...offsets: number[]): object[] {
  return offsets.map((offset, i) => msg(topic, offset, i === 0 ? previous : (offsets[i - 1] ?? 0)).message);
}

/** Everything that a subscription tells, in its order, in short words. */
export function record(subscription: Subscription): string[] {
  const seen: string[] = [];
  subscription.on("message", (m: Message) => seen.push(`${m.offset}${m.redelivered ? " again" : ""}`));
  subscription.on("gap", (g: Gap) => seen.push(`gap ${g.after}-${g.to}`));
  subscription.on("recovered", (r) => seen.push(`recovered ${r.recovered}`));
  subscription.on("ended", (e) => seen.push(`ended ${e.error?.reason}`));
  return seen;
}
