import type { Command } from "commander";
import type { Context } from "../context.ts";
import { Api } from "../http/api.ts";
import { addEndpointFlags, endpointOf, type EndpointFlags } from "../http/endpoint.ts";
import { listingOf } from "../nodes/listing.ts";
import { nodesTable } from "../nodes/table.ts";

interface NodesFlags extends EndpointFlags {
  readonly json?: true;
}

export function nodesCommand(root: Command, context: Context): void {
  const command = root
    .command("nodes")
    .description("list the nodes of the cluster, and how much each has to do")
    .addHelpText("after", EXAMPLES);
  command.optionsGroup("Output:").option("--json", "the server's answer as one line of JSON");
  addEndpointFlags(command).optionsGroup("");
  command.action((flags: NodesFlags) => nodes(flags, context));
}

async function nodes(flags: NodesFlags, context: Context): Promise<void> {
  const answer = await new Api(endpointOf(flags, context), context).nodes();
  const { terminal, clock } = context;
  if (flags.json) await terminal.out(`${JSON.stringify(answer)}\n`);
  else await terminal.out(nodesTable(listingOf(answer), clock.now()));
}

const EXAMPLES = `
Any node can be asked. Where there is authentication, it takes an API key or a user with admin.

  tidegate nodes
  tidegate nodes --url gateway-2:8080 --token-file admin.key
  tidegate nodes --json | jq '.nodes[] | {name, draining}'`;
