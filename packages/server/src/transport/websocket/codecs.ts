import { CODECS, type Codec, type Subprotocol } from "@tidegate/protocol";
import type { Frame } from "../../delivery/connection.ts";
import type { SessionCodec } from "../../session/session.ts";
import { Pending } from "./handler.ts";
import type { Subprotocols } from "./upgrade.ts";

/** What a client speaks that asks for no subprotocol: a person with a command-line tool. */
export const DEFAULT_SUBPROTOCOL: Subprotocol = "tidegate.v1.json";

/** The subprotocols at /ws, each with its own groups in Bun's fan-out: a frame of one must not reach clients of another. */
export const WEBSOCKET_CODECS: ReadonlyMap<string, SessionCodec> = new Map([
  ["tidegate.v1.json", sessionCodec(CODECS["tidegate.v1.json"], "j:")],
  ["tidegate.v1.proto", sessionCodec(CODECS["tidegate.v1.proto"], "p:")],
] satisfies [Subprotocol, SessionCodec][]);

/** The same for those who upgrade a request. */
export const NATIVE_SUBPROTOCOLS: Subprotocols = new Map(
  [...WEBSOCKET_CODECS].map(([name, codec]) => [name, (address: string) => new Pending(codec, address)]),
);

function sessionCodec<F extends Frame>(codec: Codec<F>, group: string): SessionCodec {
  return {
    origin: "websocket",
    group,
    decode: (frame) => codec.decode(frame),
    reply: (id, reply) => codec.reply(id, reply),
    message: (stored, filter, redelivered) => codec.message(stored, filter, redelivered),
    push: (push) => codec.push(push),
    // Frames of one codec are of one type; delivery never mixes them.
    join: (frames) => codec.join(frames as readonly F[]),
  };
}
