import { name, object, type Raw } from "../check.ts";
import type { Rejected } from "../codec.ts";
import type { Command } from "../command.ts";
import { COMMAND_KINDS, readCommand, type CommandKind } from "../commands.ts";
import { InvalidInput } from "../error.ts";
import { LIMITS } from "../limits.ts";
import { malformed, rejected, tooManyCommands } from "../reject.ts";
import { suggestion } from "../suggest.ts";
import { decodePublish } from "./publish.ts";
import { Reader } from "./reader.ts";
import { readMessage } from "./schema.ts";
import { COMMAND_NUMBERS, COMMANDS } from "./tables.ts";
import { parseJson } from "./values.ts";
import { LENGTH } from "./writer.ts";

const ID_TAG = 0x08;
const PUBLISH_TAG = COMMAND_NUMBERS.publish * 8 + LENGTH;

/** Command by tag. */
const KIND_OF: ReadonlyMap<number, CommandKind> = new Map(
  COMMAND_KINDS.map((kind) => [COMMAND_NUMBERS[kind] * 8 + LENGTH, kind]),
);

/** The commands of a binary frame: ClientFrames, each with its length before it. */
export function decodeProto(frame: string | Uint8Array): readonly (Command | Rejected)[] {
  const commands: (Command | Rejected)[] = [];
  const reader = frameReader(frame);
  while (reader.more) {
    if (commands.length === LIMITS.commandsPerFrame) tooManyCommands();
    commands.push(decodeFrame(reader.nested()));
  }
  return commands.length > 0 ? commands : malformed("the frame is empty");
}

export function frameReader(frame: string | Uint8Array): Reader {
  if (typeof frame === "string") return malformed("a Protobuf frame must be binary, this one is text");
  return new Reader(frame);
}

/** The id may come after the command: the command is read last. */
function decodeFrame(reader: Reader): Command | Rejected {
  let id: number | undefined;
  let tag = 0;
  let body: Reader | undefined;
  let commands = 0;
  while (reader.more) {
    const next = reader.tag();
    if (next === ID_TAG) id = reader.uint32() || undefined;
    else if (KIND_OF.has(next)) {
      tag = next;
      body = reader.nested();
      commands++;
    } else reader.skip(next);
  }
  return commands === 1 ? decodeCommand(id, tag, body!) : rejected(id, notOne(commands));
}

function notOne(commands: number): InvalidInput {
  return commands > 1
    ? new InvalidInput("invalid_argument", `command: a frame has one command, this one has ${commands}`)
    : new InvalidInput("unknown_command", `no command is there; ${suggestion("", COMMAND_KINDS)}`);
}

function decodeCommand(id: number | undefined, tag: number, body: Reader): Command | Rejected {
  try {
    return tag === PUBLISH_TAG ? decodePublish(id, body) : decodeOther(id, KIND_OF.get(tag)!, body);
  } catch (error) {
    // What is no Protobuf condemns the frame; a wrong field only its command.
    if (error instanceof InvalidInput && error.reason !== "malformed") return rejected(id, error);
    throw error;
  }
}

function decodeOther(id: number | undefined, kind: CommandKind, body: Reader): Command {
  if (kind === "publish") return decodePublish(id, body);
  const raw = readMessage(body, COMMANDS[kind]);
  if (kind === "subscribe") checkInfo(raw);
  return readCommand(kind, id, raw);
}

/** Whether `presence.info` is the text of a JSON object, as everybody expects it who reads it. */
function checkInfo(raw: Raw): void {
  if (raw["presence"] === undefined) return;
  const { info } = object(raw["presence"], "subscribe.presence");
  if (info === undefined) return;
  const path = "subscribe.presence";
  object(parseJson(name(info, path, LIMITS.presenceInfoChars), path), path);
}
