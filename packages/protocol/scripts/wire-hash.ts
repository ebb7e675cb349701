import { createHash } from "node:crypto";
import { CLOSES, ERRORS } from "../src/codes.ts";
import { COMMAND_FIELDS } from "../src/commands.ts";
import { PUSH_FIELDS, REPLY_FIELDS } from "../src/replies.ts";

/** Everything that a client in another language depends on, in one form that comments and layout do not change. */
function wireSchema(proto: string): string {
  const json = { commands: COMMAND_FIELDS, replies: REPLY_FIELDS, pushes: PUSH_FIELDS };
  const errors = Object.entries(ERRORS).map(([reason, { code, temporary, action }]) => [
    reason,
    code,
    temporary,
    action,
  ]);
  const closes = Object.entries(CLOSES).map(([reason, { code, action }]) => [reason, code, action]);
  return JSON.stringify({ proto: bareProto(proto), json, errors, closes });
}

/** Without comments and with single spaces. */
export function bareProto(proto: string): string {
  return proto
    .replaceAll(/\/\/.*$/gm, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

export function wireHash(proto: string): string {
  return createHash("sha256").update(wireSchema(proto)).digest("hex").slice(0, 16);
}
