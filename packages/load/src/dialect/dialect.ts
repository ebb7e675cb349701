import type { LineSink } from "../wire/lines.ts";
import type { Link, LinkHandler } from "../client/link.ts";

export type DialectName = "tidegate" | "plain" | "socket.io" | "centrifugo" | "mqtt";

/** How one server's protocol says what the load needs. Commands are bytes as they go onto the connection. */
export interface Dialect {
  readonly name: DialectName;
  open(address: Address, handler: LinkHandler): Promise<Link>;
  /** The first command, if the protocol has one. */
  connect(id: number, token: string | undefined): Uint8Array | undefined;
  /** Subscriptions may be sent only after the answer to the first command. */
  readonly waitsForConnect: boolean;
  subscribe(id: number, topic: string): Uint8Array;
  /** `data` is JSON text. */
  publish(topic: string, data: string): PublishFrame;
  /** Reads what the server sent: a WebSocket message or an MQTT packet. */
  read(bytes: Uint8Array, start: number, end: number, sink: DialectSink): void;
  /** Reads what `read` gave to the sink's `other`: rare things, as text. */
  other(text: string, sink: DialectSink): void;
  /** Number of the publish that the acknowledged `id` stands for; `sent` publishes were sent. */
  numberOf(id: number, sent: number): number;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One publish, made once; id and mark are changed in place for each message. */
export interface PublishFrame {
  readonly bytes: Uint8Array;
  /** Where the mark begins. */
  readonly markAt: number;
  /** Writes the id of the publisher's publish `number`, which counts from 1. */
  setNumber(number: number): void;
}

/** What can come from a server. `accepted` gets the id as it stands on the wire. */
export interface DialectSink extends LineSink {
  /** The server accepted a command that sets up: connect or a subscription. */
  ready(): void;
  /** The server wants this answer: a heartbeat. */
  answer(frame: Uint8Array): void;
  /** An error, or something that the protocol does not have. */
  wrong(text: string): void;
}
