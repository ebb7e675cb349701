import { jsonResponse } from "../commands.ts";
import type { Call } from "../context.ts";
import { authenticate } from "../credentials.ts";
import { refuse } from "../errors.ts";
import { parameters } from "../query.ts";

/** The nodes of the cluster, this one first. */
export async function nodes(call: Call): Promise<Response> {
  parameters(call.query, []);
  const { permissions } = await authenticate(call);
  const { cluster, isOpen } = call.context;
  if (!permissions.admin && !isOpen) refuse("forbidden", "only an API key or a user with admin may list the nodes");
  const { nodes: known, busState } = cluster;
  return jsonResponse(JSON.stringify({ self: known.self, bus: busState, nodes: known.all }));
}
