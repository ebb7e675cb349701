import { loadWithOrigins, startServer } from "@tidegate/server";

// The real server as a program of its own, to be killed by tests: options from variables, its address to stdout.
const { options } = loadWithOrigins({ file: undefined, env: process.env, flags: {} });
const server = await startServer(options);
console.log(server.url);
process.on("SIGTERM", () => server.stop("SIGTERM"));
process.exit(await server.ended);
