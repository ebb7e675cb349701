import { loadWithOrigins, startServer } from "@tidegate/server";
import { pages } from "../../src/index.ts";

// The gateway with the page, to be killed by tests: options from variables, its address to stdout.
const { options } = loadWithOrigins({ file: undefined, env: process.env, flags: {} });
const server = await startServer(options, pages);
console.log(server.url);
process.on("SIGTERM", () => server.stop("SIGTERM"));
process.exit(await server.ended);
