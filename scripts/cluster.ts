import { mkdirSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { resolve } from "node:path";
import { type Arguments, HELP, readArguments } from "./cluster/arguments.ts";
import { Cluster, type ClusterEvents } from "./cluster/cluster.ts";
import type { GatewayProcess } from "./cluster/gateway-process.ts";
import { brief, endedWords, NO_NATS, welcome } from "./cluster/words.ts";
import { findNatsServer } from "./servers/nats.ts";

const root = resolve(import.meta.dir, "..");

/** Milliseconds before a gateway that ended is started again: one that ends at once must not fill the screen. */
const PAUSE = 1000;

/** All gateways stop together here: there is nobody to whom they could send their clients for long. */
const VARIABLES = { DRAIN_DELAY: "0", DRAIN_SPREAD: "500ms", DRAIN_DEADLINE: "5s" };

process.exit(await main());

async function main(): Promise<number> {
  try {
    const args = readArguments(Bun.argv.slice(2));
    if (args === undefined) return (console.log(HELP), 0);
    const nats = findNatsServer();
    if (nats === undefined) return (console.error(NO_NATS), 1);
    return await run(args, nats);
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}

async function run(args: Arguments, nats: string): Promise<number> {
  const directory = resolve(root, args.directory);
  if (args.fresh) rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const { port, gateways } = args;
  if (!isFree(port)) throw new Error(`Port ${port} is taken. Take another one: npm run cluster -- --port ${port + 10}`);
  const mqttPort = isFree(args.mqttPort) ? args.mqttPort : 0;
  if (mqttPort !== args.mqttPort) console.log(`Port ${args.mqttPort} is taken: MQTT is on another one.`);
  const portOf = (index: number): number => (port > 0 && isFree(port + 1 + index) ? port + 1 + index : 0);
  const stopped = stopSignal();
  console.log("Starting NATS and the gateways …");
  const parts = { nats, directory, gateways, port, mqttPort, portOf, variables: VARIABLES };
  const starting = Cluster.start({ ...parts, events: events(args.restart) });
  const cluster = await Promise.race([starting, stopped.then(() => undefined)]);
  // --no-orphans, with which this process runs, ends what has been started by now.
  if (cluster === undefined) return 1;
  console.log(welcome(cluster, args.directory));
  if (!args.restart) onEnter(() => void startEnded(cluster));
  await stopped;
  return stop(cluster);
}

async function stop(cluster: Cluster): Promise<number> {
  console.log("Stopping: the gateways send their clients away and end, then NATS. Ctrl-C again ends them at once.");
  const again = stopSignal();
  const ended = cluster.stop().then(() => 0);
  const code = await Promise.race([ended, again.then(() => 1)]);
  if (code === 1) await cluster.kill();
  return code;
}

function events(restart: boolean): ClusterEvents {
  return {
    line: (gateway, line) => console.log(brief(gateway.name, line)),
    ended: (gateway, how) => {
      console.log(endedWords(gateway, how, restart));
      if (restart) setTimeout(() => void startAgain(gateway), PAUSE);
    },
    changed: (name, health) => console.log(`balancer   ${name} is ${health}`),
  };
}

async function startEnded({ gateways }: Cluster): Promise<void> {
  await Promise.all(gateways.filter(({ isRunning }) => !isRunning).map(startAgain));
}

async function startAgain(gateway: GatewayProcess): Promise<void> {
  try {
    await gateway.start();
    console.log(`${gateway.name}  runs again with pid ${gateway.pid}`);
  } catch (error) {
    console.log((error as Error).message);
  }
}

/** Resolves with the next signal to stop. */
function stopSignal(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => done());
  });
}

function onEnter(task: () => void): void {
  createInterface({ input: process.stdin }).on("line", task);
}

function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, exclusive: true, socket: { data() {} } }).stop();
    return true;
  } catch {
    return false;
  }
}
