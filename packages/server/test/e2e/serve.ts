import { loadWithOrigins, startServer } from "../../src/index.ts";

// The real server as a process of its own: options from variables, its address to stdout, its log to stderr.
const { options } = loadWithOrigins({ file: undefined, env: process.env, flags: {} });
const server = await startServer(options);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => server.stop(signal));
console.log(server.url);
process.exit(await server.ended);
