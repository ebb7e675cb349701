import { openNatsBus } from "../src/adapters/nats/bus.ts";
import { systemClock } from "../src/clock.ts";
import { encodeAnnouncement } from "../src/cluster/announcement.ts";
import type { Bus } from "../src/cluster/bus.ts";
import type { NodeView } from "../src/cluster/nodes.ts";
import { NodeRegistry } from "../src/cluster/registry.ts";
import { cpuOf } from "./support/cpu.ts";
import { startNats } from "./support/nats.ts";
import { quantile } from "./support/quantile.ts";

/**
 * What it costs that gateways talk to each other: `bun packages/server/bench/bus.ts [seconds]`.
 *
 * Two processes on one bus, the NATS server beside them. One says announcements, each by itself, as they come from many nodes, or a
 * thousand back to back, and then payloads of 200 bytes; the other one hears them. Then that one asks questions of 200 bytes.
 */
const seconds = Number(process.argv[2] ?? 3);
const PAYLOAD = 200;
const TOGETHER = 100;
/** Between two looks at whether the bus has taken what was said. */
const RUN = 1000;
const NODES = 100;

if (process.argv[2] === "speaker") await speak(process.argv[3] ?? "");
else await measure();

/** The other process does what it is asked to do over the bus, and answers when the bus has taken it. */
async function speak(url: string): Promise<void> {
  const bus = await open(url);
  await bus.answer(["say"], async (order) => {
    const { subject, run, milliseconds = 0 } = JSON.parse(new TextDecoder().decode(order)) as Order;
    let count = 0;
    for (const end = performance.now() + milliseconds; performance.now() < end; await bus.probe())
      for (let i = 0; i < run; i++)
        bus.publish([subject], subject === "nodes" ? announcement(++count) : payload(++count));
    return new TextEncoder().encode(String(count));
  }).ready;
  await bus.answer(["echo"], (question) => Promise.resolve(question)).ready;
  console.log("ready");
}

interface Order {
  readonly subject: string;
  /** So many at once. */
  readonly run: number;
  readonly milliseconds?: number;
}

async function measure(): Promise<void> {
  const nats = await startNats();
  const speaker = Bun.spawn([process.execPath, import.meta.path, "speaker", nats.url], { stdout: "pipe" });
  await speaker.stdout.getReader().read();
  const bus = await open(nats.url);
  const print = printer([process.pid, speaker.pid, nats.pid]);
  console.log(`an announcement has ${announcement(1).length} bytes\n`);
  console.log("| | a second | median ms | P99 ms | hears or asks, µs of CPU | says or answers | server |");
  console.log("|---|---|---|---|---|---|---|");
  const heard = await print("announcement by itself", () => hear(bus, 1));
  await print(`${RUN} announcements together`, () => hear(bus, RUN));
  await print(`${RUN} payloads together`, () => receive(bus));
  await print("one question at a time", () => ask(bus, 1));
  await print(`${TOGETHER} questions at once`, () => ask(bus, TOGETHER));
  console.log(`\n${NODES} nodes cost each of them ${((heard * NODES) / 1000).toFixed(1)} ms of CPU a second`);
  await bus.close();
  speaker.kill();
  await speaker.exited;
  await nats.remove();
}

interface Done {
  readonly count: number;
  /** Milliseconds that each took, where that was looked at. */
  readonly times?: readonly number[];
}

/** Prints how many came in a second, and what each cost the processes; returns what it cost the first of them, in microseconds. */
function printer(pids: readonly (number | undefined)[]): (name: string, work: () => Promise<Done>) => Promise<number> {
  return async (name, work) => {
    const before = pids.map(cpuOf);
    const start = performance.now();
    const { count, times = [] } = await work();
    const rate = Math.round((count / (performance.now() - start)) * 1000);
    const micros = pids.map((pid, i) => (cpuOf(pid) - (before[i] ?? 0)) / count);
    const waits = [0.5, 0.99].map((share) => (times.length > 0 ? quantile(times, share).toFixed(2) : "-"));
    console.log(`| ${[name, rate, ...waits, ...micros.map((each) => each.toFixed(1))].join(" | ")} |`);
    return micros[0] ?? Number.NaN;
  };
}

async function hear(bus: Bus, run: number): Promise<Done> {
  const nodes = new NodeRegistry({
    bus,
    clock: systemClock,
    random: Math.random,
    logger: { info() {}, warn: (fields, message) => console.warn(message, fields) },
    id: "listener",
    describe: () => viewOf("listener", 0),
    settings: { heartbeat: 1000, lease: 5000 },
  });
  const count = await order(bus, { subject: "nodes", run });
  await until(() => nodes.all.some(({ load }) => load.published === count));
  nodes.close();
  return { count };
}

async function receive(bus: Bus): Promise<Done> {
  let came = 0;
  const subscription = bus.subscribe(["payloads"], () => (came += 1));
  await subscription.ready;
  const count = await order(bus, { subject: "payloads", run: RUN });
  await until(() => came === count);
  subscription.end();
  return { count };
}

async function ask(bus: Bus, atOnce: number): Promise<Done> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  const asking = async (): Promise<void> => {
    for (let start = performance.now(); start < end; start = performance.now()) {
      await bus.request(["echo"], payload(times.length), 5000);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, asking));
  return { count: times.length, times };
}

async function order(bus: Bus, what: Order): Promise<number> {
  const said = JSON.stringify({ ...what, milliseconds: seconds * 1000 });
  const answer = await bus.request(["say"], new TextEncoder().encode(said), 60_000);
  return Number(new TextDecoder().decode(answer));
}

async function until(isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + 5000; !isSo(); await Bun.sleep(1))
    if (performance.now() > end) throw new Error("not all of what was said was heard");
}

function open(url: string): Promise<Bus> {
  return openNatsBus({
    servers: [url],
    cluster: "bench",
    clock: systemClock,
    warn: (message) => console.warn(message),
  });
}

function announcement(count: number): Uint8Array {
  return encodeAnnouncement({ kind: "here", node: viewOf("5e0c91d2", count) });
}

/** With figures such as a busy gateway has. */
function viewOf(id: string, published: number): NodeView {
  const load = {
    connections: 16_667,
    subscriptions: 1021,
    published,
    delivered: 9870.4,
    cpu: 0.3125,
    memory: 126_877_696,
    lag: 2,
  };
  const [name, url] = ["gateway-1", "http://gateway-1:8080/"];
  return { id, name, url, version: "0.1.0", startedAt: 1_763_726_400_000, draining: false, load };
}

function payload(n: number): Uint8Array {
  return new Uint8Array(PAYLOAD).fill(n);
}
