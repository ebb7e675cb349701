import { historyFor } from "../../../session/commands/history.ts";
import { commandFrom } from "../commands.ts";
import type { Call } from "../context.ts";
import { authenticate } from "../credentials.ts";
import { answer } from "../outcome.ts";
import { parameters, place, whole } from "../query.ts";

export async function history(call: Call): Promise<Response> {
  const given = parameters(call.query, ["topic", "after", "before", "limit"]);
  const identity = await authenticate(call);
  const command = commandFrom("history", {
    topic: given.get("topic"),
    after: place(given.get("after"), "history.after"),
    before: whole(given.get("before")),
    limit: whole(given.get("limit")),
  });
  const { services } = call.context;
  return answer(services, historyFor(services, identity, command));
}
