import { type Action, closeAction, errorAction } from "./codes.ts";
import type { Environment, Socket } from "./environment.ts";
import { clientError, type TidegateError, textOf } from "./errors.ts";
import { FrameWriter } from "./frames.ts";
import type { Timeouts } from "./options.ts";
import { type CommandKind, decodeLine, type Incoming, type Push, type Replies, SUBPROTOCOL } from "./wire.ts";

/** Why a connection is over, and what to do next. */
export interface Ending {
  readonly action: Action;
  readonly reason: string;
  readonly message: string;
  /** The WebSocket close code, or the number of the error. */
  readonly code?: number;
}

export interface ConnectionEvents {
  connected(reply: Replies["connect"]): void;
  push(push: Push): void;
  /** Something was wrong, and the connection lives on. */
  fault(error: TidegateError): void;
  /** Once, unless `close` was called. Every command without a reply has failed before. */
  ended(ending: Ending): void;
}

/** Takes commands; a `body` that is text is JSON already. `done` and `failed` are called in the order of the frames, never before `send` returns. */
export interface Channel {
  send<K extends CommandKind>(
    command: K,
    body: object | string,
    done?: (reply: Replies[K]) => void,
    failed?: (error: TidegateError) => void,
  ): void;
  /** Ends the connection for a fault that the caller saw; another one follows. */
  fail(reason: string, message: string): void;
}

interface Pending {
  /** Characters of the command. */
  readonly size: number;
  readonly done: (body: never) => void;
  readonly failed: (error: TidegateError) => void;
  readonly cancel: () => void;
}

/** [RFC 6455, 7.4.1] */
const MESSAGE_TOO_BIG = 1009;

const nothing = (): void => {};

/** One WebSocket: from opening it over the `connect` command and the heartbeat to its end. It is never used again. */
export class Connection implements Channel {
  readonly #env: Environment;
  readonly #timeouts: Timeouts;
  readonly #events: ConnectionEvents;
  readonly #writer = new FrameWriter((frame) => this.#write(frame));
  readonly #pending = new Map<number, Pending>();
  #socket: Socket | undefined;
  #lastId = 0;
  #over = false;
  /** When the last frame came, in milliseconds since 1970. */
  #heard = 0;
  /** When the last frame went. A server that hears nothing of a client that only listens takes it for gone. */
  #spoke = 0;
  #silence = 0;
  /** When the check under way ends. */
  #checkBy = Infinity;
  #cancelBeat = nothing;

  constructor(env: Environment, timeouts: Timeouts, events: ConnectionEvents) {
    this.#env = env;
    this.#timeouts = timeouts;
    this.#events = events;
  }

  /** Does nothing on a connection that is over: it may have been given up while its token was fetched. */
  open(endpoint: string, hello: object): void {
    if (this.#over) return;
    try {
      this.#attach(new this.#env.WebSocket(endpoint, [SUBPROTOCOL]), hello);
    } catch (thrown) {
      this.fail("connection_lost", textOf(thrown));
    }
  }

  send<K extends CommandKind>(
    command: K,
    body: object | string,
    done: (reply: Replies[K]) => void = nothing,
    failed: (error: TidegateError) => void = nothing,
  ): void {
    if (this.#over) return queueMicrotask(() => failed(lost("the connection is over")));
    const id = (this.#lastId = (this.#lastId % 0xffff_ffff) + 1);
    const limit = this.#timeouts.command;
    const cancel = this.#env.clock.after(limit, () => {
      this.#settle(id)?.failed(
        clientError("timeout", `no reply to ${command} within ${limit} ms`, { temporary: true }),
      );
    });
    const line = `{"id":${id},"${command}":${typeof body === "string" ? body : JSON.stringify(body)}}`;
    this.#pending.set(id, { size: line.length, done: done as (body: never) => void, failed, cancel });
    this.#writer.add(line);
  }

  /** A command that is answered only if it fails, as an error without an id. */
  tell(command: CommandKind, body: object): void {
    if (!this.#over) this.#writer.add(JSON.stringify({ [command]: body }));
  }

  fail(reason: string, message: string): void {
    this.#end({ action: "reconnect", reason, message });
  }

  /** Whether the other side still answers: a ping, and any frame within `ms` will do. The earlier of two checks counts. */
  check(ms: number): void {
    const asked = this.#env.clock.now();
    if (asked + ms >= this.#checkBy) return;
    this.#checkBy = asked + ms;
    let answered = false;
    this.send("ping", {}, () => (answered = true));
    this.#cancelBeat();
    this.#cancelBeat = this.#env.clock.after(ms, () => {
      this.#checkBy = Infinity;
      if (answered || this.#heard > asked) this.#beat();
      else this.fail("timeout", `no answer to a ping within ${ms} ms`);
    });
  }

  /** Ends it in good order. `closed` is called when the other side has closed too. */
  close(closed: () => void = nothing): void {
    const socket = this.#socket;
    if (this.#over || !socket) return (this.#release(), closed());
    this.#writer.flush();
    this.#release();
    socket.onclose = closed;
    socket.close(1000);
  }

  #attach(socket: Socket, hello: object): void {
    this.#socket = socket;
    socket.onopen = () =>
      this.send(
        "connect",
        hello,
        (reply) => this.#connected(reply),
        (error) => this.#refused(error),
      );
    socket.onmessage = (event: { readonly data: unknown }) => this.#receive(event.data);
    socket.onclose = (event: { readonly code: number; readonly reason: string }) =>
      this.#closed(event.code, event.reason);
    // A close event follows and says more. The `ws` package throws where nobody listens.
    socket.onerror = nothing;
  }

  #connected(reply: Replies["connect"]): void {
    this.#silence = reply.ping * 1000;
    this.#beat();
    this.#events.connected(reply);
  }

  #refused(error: TidegateError): void {
    this.#end({ action: errorAction(error), reason: error.reason, message: error.message, code: error.code });
  }

  #closed(code: number, reason: string): void {
    if (code === MESSAGE_TOO_BIG) this.#refuseLargest();
    const message = reason || `the connection was closed with code ${code}`;
    this.#end({ action: closeAction(code), reason: "connection_lost", message, code });
  }

  /** The server does not say which command it was. Sent again, it would end every later connection too. */
  #refuseLargest(): void {
    const [largest] = [...this.#pending].toSorted(([, one], [, other]) => other.size - one.size);
    if (!largest) return;
    const [id, { size }] = largest;
    this.#settle(id)?.failed(clientError("too_large", `the server takes no frame of ${size} characters`));
  }

  #receive(data: unknown): void {
    this.#heard = this.#env.clock.now();
    for (const line of String(data).split("\n")) {
      if (this.#over) return;
      if (line !== "") this.#take(line);
    }
  }

  /** A line that cannot be read is reported and skipped: if it was a message, the chain of offsets shows the gap. */
  #take(line: string): void {
    let incoming: Incoming | undefined;
    try {
      incoming = decodeLine(line);
    } catch (cause) {
      this.#events.fault(
        clientError("bad_frame", `the server sent what is not of the protocol: ${textOf(cause)}`, { cause }),
      );
    }
    if (incoming) this.#dispatch(incoming);
  }

  #dispatch(incoming: Incoming): void {
    if (incoming.kind === "reply") return this.#settle(incoming.id)?.done(incoming.body as never);
    if (incoming.kind !== "error") return this.#events.push(incoming);
    if (incoming.id === undefined) this.#events.fault(incoming.error);
    else this.#settle(incoming.id)?.failed(incoming.error);
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    pending?.cancel();
    this.#pending.delete(id);
    return pending;
  }

  #beat(): void {
    if (!(this.#silence > 0)) return;
    const left = Math.min(this.#heard, this.#spoke) + this.#silence - this.#env.clock.now();
    this.#cancelBeat();
    if (left <= 0) return this.check(this.#timeouts.pong);
    this.#cancelBeat = this.#env.clock.after(left, () => this.#beat());
  }

  #write(frame: string): void {
    this.#spoke = this.#env.clock.now();
    try {
      this.#socket?.send(frame);
    } catch (thrown) {
      this.fail("connection_lost", textOf(thrown));
    }
  }

  #end(ending: Ending): void {
    if (this.#over) return;
    const socket = this.#socket;
    this.#release();
    socket?.close(1000);
    this.#events.ended(ending);
  }

  /** From here on nothing of the socket reaches the client. */
  #release(): void {
    this.#over = true;
    this.#cancelBeat();
    this.#writer.clear();
    if (this.#socket) this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    const pending = [...this.#pending.keys()];
    for (const id of pending) this.#settle(id)?.failed(lost("the connection ended before the reply"));
  }
}

function lost(message: string): TidegateError {
  return clientError("connection_lost", message, { temporary: true });
}
