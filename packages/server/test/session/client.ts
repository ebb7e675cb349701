import {
  CODECS,
  jsonCodec,
  type ErrorReason,
  type Push,
  type Reply,
  type ServerFrame,
  type Subprotocol,
} from "@tidegate/protocol";
import { receive } from "../../src/session/receive.ts";
import { Session } from "../../src/session/session.ts";
import { WEBSOCKET_CODECS } from "../../src/transport/websocket/codecs.ts";
import type { Stage } from "./stage.ts";
import { Wire } from "./wire.ts";

/** Commands as the JSON subprotocol writes them, without their ids. */
export type JsonCommand = Readonly<Record<string, unknown>>;

/** A client of a stage: sends commands, and reads what came back. */
export class Client {
  readonly wire: Wire;
  readonly session: Session;
  readonly #codec: (typeof CODECS)[Subprotocol];
  #id = 0;
  #taken = 0;

  constructor(stage: Stage, subprotocol: Subprotocol) {
    const encoder = WEBSOCKET_CODECS.get(subprotocol);
    if (encoder === undefined) throw new Error(`no codec for ${subprotocol}`);
    this.#codec = CODECS[subprotocol];
    this.wire = new Wire(stage.net);
    this.session = new Session(this.wire, encoder, stage.services, "127.0.0.1");
  }

  /** Sends commands in one frame, each with the next id; returns the last id. */
  do(...commands: readonly JsonCommand[]): number {
    this.raw(commands.map((command) => JSON.stringify({ id: ++this.#id, ...command })).join("\n"));
    return this.#id;
  }

  /** Sends a frame of JSON lines as it is, in the codec of this client. */
  raw(json: string): void {
    if (this.#codec.kind === "json") return receive(this.session, json);
    const frames = jsonCodec.decode(json).map((command) => {
      if (command.kind === "rejected") throw new Error(command.error.message);
      return CODECS["tidegate.v1.proto"].encodeCommand(command);
    });
    receive(this.session, CODECS["tidegate.v1.proto"].join(frames));
  }

  /** Everything that came, in its order. */
  get all(): readonly ServerFrame[] {
    return this.wire.frames.flatMap((frame) => this.#codec.decodeServer(frame));
  }

  /** What came since the last call. */
  takeAll(): readonly ServerFrame[] {
    const { all } = this;
    const fresh = all.slice(this.#taken);
    this.#taken = all.length;
    return fresh;
  }

  /** Replies and pushes that came since the last call, as words: `1 connect`, `2 error forbidden`, `message 3`. */
  take(): readonly string[] {
    return this.takeAll().map(word);
  }

  reply<K extends Reply["kind"]>(kind: K): Extract<Reply, { readonly kind: K }> {
    const found = this.all.findLast((frame) => frame.kind === "reply" && frame.reply.kind === kind);
    if (found?.kind !== "reply") throw new Error(`no reply to ${kind} in ${this.all.map(word).join(", ")}`);
    return found.reply as Extract<Reply, { readonly kind: K }>;
  }

  /** Reason of the newest error. */
  get error(): ErrorReason {
    return this.reply("error").error.reason;
  }

  pushes<K extends Push["kind"]>(kind: K): readonly Extract<Push, { readonly kind: K }>[] {
    return this.all.flatMap((frame) =>
      frame.kind === "push" && frame.push.kind === kind ? [frame.push as Extract<Push, { readonly kind: K }>] : [],
    );
  }

  /** Offsets of all messages that came. */
  get offsets(): readonly number[] {
    return this.pushes("message").map(({ stored }) => stored.offset);
  }

  /** The connection goes. */
  lose(): void {
    this.wire.terminate();
    this.session.closed(false);
  }
}

function word(frame: ServerFrame): string {
  if (frame.kind === "reply") {
    const { reply, id } = frame;
    return `${id ?? "-"} ${reply.kind}${reply.kind === "error" ? ` ${reply.error.reason}` : ""}`;
  }
  const { push } = frame;
  switch (push.kind) {
    case "message":
      return `message ${push.stored.offset}${push.redelivered ? " again" : ""}`;
    case "gap":
      return `gap ${push.after}-${push.to}`;
    case "unsubscribed":
      return `unsubscribed ${push.topic} ${push.error.reason}`;
    default:
      return push.kind;
  }
}
