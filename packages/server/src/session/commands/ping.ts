import { reply, type Decision } from "../decision.ts";

const PONG = reply({ kind: "ping" });

export function ping(): Decision {
  return PONG;
}
