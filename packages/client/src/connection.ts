import { type Action, closeAction, errorAction } from "./codes.ts";
import type { Environment, Socket } from "./environment.ts";
import { clientError, type TidegateError, textOf } from "./errors.ts";
import { FrameWriter } from "./frames.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Timeouts } from "./options.ts";
import { PendingCommands } from "./pending.ts";
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

/** [RFC 6455, 7.4.1] */
const MESSAGE_TOO_BIG = 1009;

const nothing = (): void => {};

/** One WebSocket: from opening it over the `connect` command and the heartbeat to its end. It is never used again. */
export class Connection implements Channel {
  readonly #env: Environment;
  readonly #events: ConnectionEvents;
  readonly #pending: PendingCommands;
  readonly #heartbeat: Heartbeat;
  readonly #writer = new FrameWriter((frame) => this.#write(frame));
  #socket: Socket | undefined;
  #over = false;

  constructor(env: Environment, timeouts: Timeouts, events: ConnectionEvents) {
    this.#env = env;
    this.#events = events;
    this.#pending = new PendingCommands(env.clock, timeouts.command);
    this.#heartbeat = new Heartbeat({
      clock: env.clock,
      pong: timeouts.pong,
      ping: (answered) => this.send("ping", {}, answered),
      dead: (ms) => this.fail("timeout", `no answer to a ping within ${ms} ms`),
    });
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
    this.#writer.add(this.#pending.add(command, body, { done, failed }));
  }

  /** A command that is answered only if it fails, as an error without an id. */
  tell(command: CommandKind, body: object): void {
    if (!this.#over) this.#writer.add(JSON.stringify({ [command]: body }));
  }

  fail(reason: string, message: string): void {
    this.#end({ action: "reconnect", reason, message });
  }

  /** Gives the connection up if the other side does not answer a ping within `ms`. */
  check(ms: number): void {
    this.#heartbeat.check(ms);
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
    this.#heartbeat.start(reply.ping * 1000);
    this.#events.connected(reply);
  }

  #refused(error: TidegateError): void {
    this.#end({ action: errorAction(error), reason: error.reason, message: error.message, code: error.code });
  }

  #closed(code: number, reason: string): void {
    if (code === MESSAGE_TOO_BIG) this.#pending.failLargest();
    const message = reason || `the connection was closed with code ${code}`;
    this.#end({ action: closeAction(code), reason: "connection_lost", message, code });
  }

  #receive(data: unknown): void {
    this.#heartbeat.heard();
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
    if (incoming.kind === "reply") return this.#pending.reply(incoming.id, incoming.body);
    if (incoming.kind !== "error") return this.#events.push(incoming);
    if (incoming.id === undefined) this.#events.fault(incoming.error);
    else this.#pending.fail(incoming.id, incoming.error);
  }

  #write(frame: string): void {
    this.#heartbeat.spoke();
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
    this.#heartbeat.stop();
    this.#writer.clear();
    if (this.#socket) this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#pending.failAll(lost("the connection ended before the reply"));
  }
}

function lost(message: string): TidegateError {
  return clientError("connection_lost", message, { temporary: true });
}
