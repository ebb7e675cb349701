import { InvalidInput, jsonCodec, protocolError, type Command, type Rejected, type Reply } from "@tidegate/protocol";
import { Refused } from "./errors.ts";

type CommandOf<K extends Command["kind"]> = Extract<Command, { readonly kind: K }>;

/** A command from parameters, read by the JSON codec: its checks and words are those of every other protocol. */
export function commandFrom<K extends Command["kind"]>(
  kind: K,
  fields: Readonly<Record<string, unknown>>,
): CommandOf<K> {
  const [command] = jsonCodec.decode(JSON.stringify({ [kind]: fields }));
  if (command?.kind === "rejected") throw new Refused(command.error);
  return command as CommandOf<K>;
}

/**
 * A publish from the text of its body, which JSON.parse has accepted. Line breaks stand only between tokens there, and
 * would end a line of a frame.
 */
export function publishFrom(body: string, ticket: number): CommandOf<"publish"> | Rejected {
  try {
    const [command] = jsonCodec.decode(`{"id":${ticket},"publish":${body.replaceAll(/[\r\n]/g, " ")}}`);
    return command as CommandOf<"publish"> | Rejected;
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { kind: "rejected", id: ticket, error: protocolError(error.reason, error.message) };
  }
}

/** The value of a frame's one member: `{"history":{…}}` gives `{…}`. */
export function valueOf(frame: string): string {
  return frame.slice(frame.indexOf(":") + 1, -1);
}

/** A reply as the JSON codec writes its value. */
export function replyValue(reply: Reply): string {
  return valueOf(jsonCodec.reply(undefined, reply));
}

export function jsonResponse(json: string, status = 200): Response {
  return new Response(json, { status, headers: { "Content-Type": "application/json", "Cache-Control": "no-store" } });
}
