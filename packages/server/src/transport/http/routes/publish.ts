import { jsonCodec, LIMITS, type PublishCommand, type Rejected, type Reply } from "@tidegate/protocol";
import { submit } from "../../../session/commands/publish.ts";
import { increase } from "../../../session/services.ts";
import { clientAddress } from "../../address.ts";
import { Answers } from "../answers.ts";
import { jsonBody } from "../body.ts";
import type { Caller } from "../callers.ts";
import { jsonResponse, publishFrom, replyValue } from "../commands.ts";
import type { Call, Context } from "../context.ts";
import { authenticate } from "../credentials.ts";
import { Refused, refuse } from "../errors.ts";
import { jsonItems } from "../json-items.ts";
import { parameters } from "../query.ts";

/** One message or an array of them. The answer leaves when all are stored or refused. */
export async function publish(call: Call): Promise<Response> {
  const { context, request, server, query } = call;
  parameters(query, []);
  const identity = await authenticate(call);
  const { text, value } = await jsonBody(call);
  const caller = context.callers.of(identity, clientAddress(request, server, context.trustProxy));
  if (!Array.isArray(value)) return one(await publishAll(context, caller, [text]));
  if (value.length > LIMITS.commandsPerFrame)
    refuse("invalid_argument", `the body has ${value.length} messages; at most ${LIMITS.commandsPerFrame} are allowed`);
  return many(context, await publishAll(context, caller, jsonItems(text)));
}

async function publishAll(context: Context, caller: Caller, bodies: readonly string[]): Promise<readonly Reply[]> {
  const answers = new Answers(bodies.length);
  for (const [i, body] of bodies.entries()) take(context, caller, publishFrom(body, i + 1), answers);
  await answers.done;
  return answers.replies;
}

function take({ services }: Context, from: Caller, command: PublishCommand | Rejected, answer: Answers): void {
  services.counters.commands += 1;
  const error =
    command.kind === "rejected" ? command.error : submit(services, { from, origin: "http", answer }, command);
  if (error !== undefined) answer.refused(command.id, error);
}

function one([reply]: readonly Reply[]): Response {
  if (reply === undefined) throw new Error("a publish got no answer");
  if (reply.kind === "error") throw new Refused(reply.error);
  return jsonResponse(replyValue(reply));
}

function many({ services }: Context, replies: readonly Reply[]): Response {
  for (const reply of replies) if (reply.kind === "error") increase(services.counters.errors, reply.error.reason);
  return jsonResponse(`[${replies.map(item).join(",")}]`);
}

function item(reply: Reply): string {
  return reply.kind === "error" ? jsonCodec.reply(undefined, reply) : replyValue(reply);
}
