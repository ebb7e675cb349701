import type { Command, Push, Reply } from "./command.ts";
import type { ProtocolError } from "./error.ts";
import { jsonCodec } from "./json/codec.ts";
import type { Stored } from "./message.ts";
import { protoCodec } from "./proto/codec.ts";

/** One command whose fields are wrong: it is answered with its id, and the connection lives. */
export interface Rejected {
  readonly kind: "rejected";
  readonly id: number | undefined;
  readonly error: ProtocolError;
}

/** What a server sends, as a client sees it. `id` is undefined for the error of a command that had none. */
export type ServerFrame =
  | { readonly kind: "reply"; readonly id: number | undefined; readonly reply: Reply }
  | { readonly kind: "push"; readonly push: Push };

/**
 * Bytes or text of one subprotocol to commands, and replies and pushes back. Pure: no state, no clock, no sockets.
 * `F` is what a frame is: text (sent as a WebSocket text frame) or bytes (sent as a binary one).
 */
export interface Codec<F extends string | Uint8Array> {
  readonly kind: "json" | "proto";
  readonly subprotocol: string;
  /** Throws InvalidInput (`malformed`) on what is not of the protocol at all; the connection is then closed. */
  decode(frame: string | Uint8Array): readonly (Command | Rejected)[];
  reply(id: number | undefined, reply: Reply): F;
  /** The same as `wrap(body(stored), filter, redelivered)`. */
  message(stored: Stored, filter: string | undefined, redelivered: boolean): F;
  /** The part of a message push that is alike for every subscription: make it once, then `wrap` it for each filter. */
  body(stored: Stored): F;
  wrap(body: F, filter: string | undefined, redelivered: boolean): F;
  push(push: Push): F;
  /** Several frames of this codec as one. */
  join(frames: readonly F[]): F;
  /** The client's direction, for tools and tests. */
  encodeCommand(command: Command): F;
  /**
   * The origin of a message is not on the wire: it reads as `server`. Fields and pushes that this version does not
   * know are skipped. Throws InvalidInput on what is not of the protocol.
   */
  decodeServer(frame: string | Uint8Array): readonly ServerFrame[];
}

/** Every subprotocol that carries these commands, by its WebSocket name. */
export const CODECS = {
  [jsonCodec.subprotocol]: jsonCodec,
  [protoCodec.subprotocol]: protoCodec,
} as const satisfies Record<string, Codec<string> | Codec<Uint8Array>>;

export type Subprotocol = keyof typeof CODECS;

export function isSubprotocol(name: string): name is Subprotocol {
  return Object.hasOwn(CODECS, name);
}
