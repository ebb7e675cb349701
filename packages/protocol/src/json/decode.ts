import { fields, integer, isRaw, object, text, wrong, type Raw } from "../check.ts";
import type { Rejected } from "../codec.ts";
import type { Command } from "../command.ts";
import {
  COMMAND_FIELDS,
  COMMAND_KINDS,
  isCommandKind,
  readCommand,
  readPublish,
  type CommandKind,
} from "../commands.ts";
import { InvalidInput } from "../error.ts";
import { LIMITS } from "../limits.ts";
import { Payload } from "../payload.ts";
import { malformed, rejected, tooManyCommands } from "../reject.ts";
import { shown, suggestion } from "../suggest.ts";
import { rawMember } from "./span.ts";

/** The commands of a text frame: one JSON object a line, blank lines between them allowed. */
export function decodeJson(frame: string | Uint8Array): readonly (Command | Rejected)[] {
  const commands: (Command | Rejected)[] = [];
  // Blank lines count too, so that the work is bounded.
  const lines = linesOf(frame, LIMITS.commandsPerFrame * 2);
  for (const line of lines) {
    if (commands.length === LIMITS.commandsPerFrame) tooManyCommands();
    commands.push(decodeLine(line, parseObject(line)));
  }
  return commands.length > 0 ? commands : malformed("the frame is empty");
}

/** The lines of a frame that hold something. */
export function linesOf(frame: string | Uint8Array, max: number): readonly string[] {
  if (typeof frame !== "string") return malformed("a JSON frame must be text, this one is binary");
  if (!frame.includes("\n")) return frame.trim().length === 0 ? [] : [frame];
  const lines = frame.split("\n", max + 1);
  return lines.length > max ? tooManyCommands() : lines.filter((line) => line.trim().length > 0);
}

export function parseObject(line: string): Raw {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return malformed(`it is not JSON: ${shown(line)}${error instanceof RangeError ? " (nested too deeply)" : ""}`);
  }
  return isRaw(value) ? value : malformed(`it must be one JSON object, not ${shown(line)}`);
}

function decodeLine(line: string, raw: Raw): Command | Rejected {
  let id: number | undefined;
  try {
    id = commandId(raw);
    return decodeCommand(id, raw, line);
  } catch (error) {
    if (error instanceof InvalidInput) return rejected(id, error);
    throw error;
  }
}

function commandId(raw: Raw): number | undefined {
  return raw["id"] === undefined ? undefined : integer(raw["id"], "id", 1, LIMITS.commandId);
}

function decodeCommand(id: number | undefined, raw: Raw, line: string): Command {
  const kind = commandKind(raw);
  const body = object(raw[kind], kind);
  if (kind === "subscribe") return readCommand(kind, id, withInfo(body, line));
  if (kind !== "publish") return readCommand(kind, id, body);
  fields(body, "publish", COMMAND_FIELDS.publish);
  return readPublish(id, body, readPayload(body, line));
}

/** A client that tells of itself does so in JSON that goes on as it is. */
function withInfo(body: Raw, line: string): Raw {
  const { presence } = body;
  if (presence === undefined || typeof presence === "boolean") return body;
  if (!isRaw(presence)) wrong("subscribe.presence", "it must be true or an object");
  return { ...body, presence: { info: rawText(line, "subscribe", "presence") } };
}

/**
 * A value's own text. Writing the parsed value anew would change large numbers, and takes seconds for arrays that are
 * 50,000 deep: so a key in escapes, which the search does not find, is refused.
 */
function rawText(line: string, command: string, key: string): string {
  return rawMember(line, command, key) ?? wrong(`${command}.${key}`, "the names on the way to it must have no escapes");
}

/** The one key beside `id`. */
function commandKind(raw: Raw): CommandKind {
  let kind: string | undefined;
  for (const key in raw) {
    if (key === "id") continue;
    if (kind !== undefined)
      wrong("command", `an object has one command, this one has ${shown(kind)} and ${shown(key)}`);
    kind = key;
  }
  if (kind !== undefined && isCommandKind(kind)) return kind;
  const named = kind === undefined ? "is there" : shown(kind);
  throw new InvalidInput("unknown_command", `no command ${named}; ${suggestion(kind ?? "", COMMAND_KINDS)}`);
}

function readPayload(body: Raw, line: string): Payload {
  const { data, text: plain, base64 } = body;
  const given = (data === undefined ? 0 : 1) + (plain === undefined ? 0 : 1) + (base64 === undefined ? 0 : 1);
  if (given !== 1) wrong("publish", "exactly one of data, text and base64 must be there");
  if (plain !== undefined) return Payload.text(text(plain, "publish.text"));
  if (base64 !== undefined) return Payload.binary(bytesOf(base64, "publish.base64"));
  return Payload.json(rawText(line, "publish", "data"));
}

/** Bytes of base64 as RFC 4648 section 4 has it; the padding may be left out. */
export function bytesOf(value: unknown, path: string): Uint8Array {
  const encoded = text(value, path);
  try {
    return Uint8Array.fromBase64(encoded);
  } catch {
    return wrong(path, "it is not base64 (RFC 4648, the alphabet with + and /)");
  }
}

/** A command from JSON of its fields alone, as in the body of an HTTP request. Throws InvalidInput. */
export function readJsonCommand(kind: CommandKind, json: string): Command {
  // It is one whole object, so the line around it has this one command and nothing else.
  return decodeCommand(undefined, { [kind]: parseObject(json) }, `{"${kind}":${json}}`);
}
