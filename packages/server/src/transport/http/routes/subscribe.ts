import type { SubscribeCommand } from "@tidegate/protocol";
import { clientAddress } from "../../address.ts";
import { commandFrom } from "../commands.ts";
import type { Call } from "../context.ts";
import { authenticate } from "../credentials.ts";
import { Refused, refuse } from "../errors.ts";
import { parameters, place, truth } from "../query.ts";
import { openStream } from "../sse/open-stream.ts";

/** A stream of Server-Sent Events for one topic or filter. */
export async function subscribe(call: Call): Promise<Response> {
  const { context, request, server } = call;
  const given = parameters(call.query, ["topic", "since", "retained", "token"]);
  const identity = await authenticate(call, given.get("token"));
  const command = commandOf(given, request.headers.get("last-event-id"));
  if (context.services.isDraining()) refuse("draining", "this node is about to stop; connect again");
  const address = clientAddress(request, server, context.trustProxy);
  const full = context.admission.enter(address);
  if (full !== undefined) throw new Refused(full);
  return openStream(call, { identity, command, address });
}

/** The browser sends Last-Event-ID when it connects again to the same address, so it is newer than `since`. */
function commandOf(given: ReadonlyMap<string, string>, lastEventId: string | null): SubscribeCommand {
  const last = lastEventId === null || lastEventId === "" ? undefined : place(lastEventId, "Last-Event-ID");
  return commandFrom("subscribe", {
    topic: given.get("topic"),
    since: last ?? place(given.get("since"), "subscribe.since"),
    retained: truth(given.get("retained")),
  });
}
