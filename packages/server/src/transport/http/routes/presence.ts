import { presenceFor } from "../../../session/commands/presence.ts";
import { commandFrom } from "../commands.ts";
import type { Call } from "../context.ts";
import { authenticate } from "../credentials.ts";
import { answer } from "../outcome.ts";
import { parameters, truth } from "../query.ts";

export async function presence(call: Call): Promise<Response> {
  const given = parameters(call.query, ["topic", "count"]);
  const identity = await authenticate(call);
  const command = commandFrom("presence", { topic: given.get("topic"), count: truth(given.get("count")) });
  const { services } = call.context;
  return answer(services, presenceFor(services, identity, command));
}
