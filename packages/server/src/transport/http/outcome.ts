import type { Reply } from "@tidegate/protocol";
import type { Decision } from "../../session/decision.ts";
import type { Services } from "../../session/services.ts";
import { jsonResponse, replyValue } from "./commands.ts";
import { Refused } from "./errors.ts";

type Replied = Extract<Decision, { readonly do: "reply" }>;

/** The reply that a handler decided on. Throws `Refused` for a failure. */
export function repliedOf(decision: Decision): Replied {
  switch (decision.do) {
    case "reply":
      return decision;
    case "fail":
    case "close":
      throw new Refused(decision.error);
    case "wait":
    case "nothing":
      throw new Error(`a handler decided to ${decision.do} where a reply was due`);
  }
}

/** What a handler decided, as a response. */
export async function answer({ counters }: Services, decision: Decision): Promise<Response> {
  counters.commands += 1;
  const { reply }: { readonly reply: Reply } = repliedOf(decision.do === "wait" ? await decision.outcome : decision);
  return jsonResponse(replyValue(reply));
}
