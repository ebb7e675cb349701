import type { Position } from "@tidegate/protocol";
import type { BareClient } from "./bare-client.ts";
import type { Line } from "./line.ts";
import type { SdkClient } from "./sdk-client.ts";
import type { World } from "./world.ts";

interface Step {
  /** How often it is taken, compared with the others. */
  readonly weight: number;
  readonly act: (world: World) => void;
  readonly when?: (world: World) => boolean;
}

/** Everything that can happen next. */
const STEPS: readonly Step[] = [
  { weight: 30, act: (world) => onClient(world, publish) },
  { weight: 0.5, act: (world) => onClient(world, flood), when: ({ config }) => config.flood > 0 },
  { weight: 12, act: (world) => onClient(world, (client) => client.connect()) },
  { weight: 8, act: (world) => onClient(world, subscribe) },
  { weight: 2, act: (world) => onClient(world, unsubscribe) },
  { weight: 12, act: (world) => onSdk(world, sdkPublish), when: hasSdk },
  { weight: 5, act: (world) => onSdk(world, sdkSubscribe), when: hasSdk },
  { weight: 1, act: (world) => onSdk(world, sdkUnsubscribe), when: hasSdk },
  { weight: 4, act: (world) => onSdk(world, (client) => client.acknowledge()), when: hasSdk },
  { weight: 4, act: (world) => onClient(world, ack) },
  { weight: 2, act: (world) => onClient(world, page) },
  { weight: 2, act: (world) => onClient(world, askAgain) },
  { weight: 1, act: (world) => onClient(world, (client) => client.republish()) },
  { weight: 1, act: (world) => onClient(world, (client) => client.refresh()) },
  { weight: 0.5, act: (world) => onClient(world, (client) => client.leave()) },
  { weight: 14, act: (world) => onLine(world, (line) => carryUp(line, world.random.int(1, 10))) },
  { weight: 14, act: (world) => onLine(world, (line) => carryDown(line, world.random.int(1, 10))) },
  { weight: 14, act: stepLog },
  { weight: 16, act: carryAll },
  { weight: 10, act: (world) => world.advance(world.random.int(1, 60)) },
  { weight: 5, act: (world) => world.advance(world.random.int(100, 2500)) },
  { weight: 0.5, act: (world) => world.advance(world.random.int(2500, 15_000)) },
  { weight: 2, act: lose, when: ({ config }) => config.losses },
  { weight: 6, act: learn },
  { weight: 3, act: (world) => onLine(world, (line) => (line.stalled = true)), when: ({ config }) => config.stalls },
  { weight: 3, act: (world) => onLine(world, (line) => (line.stalled = false)) },
  { weight: 0.7, act: (world) => world.kill(), when: ({ config }) => config.kills },
  { weight: 6, act: (world) => world.start() },
];

/** Takes one step, and often ends the turn of the event loop with it. */
export function step(world: World): void {
  world.truth.tick++;
  const possible = STEPS.filter(({ when }) => when === undefined || when(world));
  let left = world.random.next() * possible.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = possible.find(({ weight }) => (left -= weight) < 0) ?? possible[0];
  chosen?.act(world);
  if (world.random.chance(0.7)) world.endTurn();
  world.sweep();
  world.check();
}

/** Everybody is there and has subscribed, so that something happens from the first step on. */
export function begin(world: World): void {
  for (const client of world.clients) client.connect();
  carryAll(world);
  for (const client of world.clients) for (let i = 0; i < 2; i++) subscribe(client, world);
  carryAll(world);
}

/** All that is under way arrives, unless it is lost or the client does not read. */
export function carryAll(world: World): void {
  world.endTurn();
  for (const line of [...world.lines]) {
    carryUp(line, 100);
    world.endTurn();
    carryDown(line, 100);
  }
  for (let moved = true; moved;) {
    moved = false;
    for (const log of world.logs) moved = log.step() || moved;
    world.endTurn();
  }
  for (const line of [...world.lines]) carryDown(line, 100);
}

function carryUp(line: Line, count: number): void {
  for (let i = 0; i < count && line.waitsUp > 0; i++) line.carryUp();
}

function carryDown(line: Line, count: number): void {
  for (let i = 0; i < count && line.waitsDown > 0; i++) line.carryDown();
}

function onClient(world: World, act: (client: BareClient, world: World) => void): void {
  act(world.random.pick(world.clients), world);
}

function hasSdk({ sdkClients }: World): boolean {
  return sdkClients.length > 0;
}

function onSdk(world: World, act: (client: SdkClient, world: World) => void): void {
  act(world.random.pick(world.sdkClients), world);
}

function sdkPublish(client: SdkClient, { random, config }: World): void {
  client.publish(random.pick(config.topics), random.chance(0.15));
}

function sdkSubscribe(client: SdkClient, { random, config }: World): void {
  const isFilter = config.filters.length > 0 && random.chance(0.4);
  const filter = random.pick<string>(isFilter ? config.filters : config.topics);
  if (filter.startsWith("user/")) return;
  const spans = filter === "#" || filter === "+/a";
  const presence = !isFilter && random.chance(0.3) ? { presence: true as const } : {};
  const window = !spans && random.chance(0.2) ? { window: random.int(1, 5) } : {};
  const start = random.int(0, 5);
  const from =
    start === 0 && !spans ? { retained: true } : start === 1 && !isFilter ? { history: random.int(1, 10) } : {};
  client.subscribe(filter, { ...presence, ...window, ...from });
}

function sdkUnsubscribe(client: SdkClient, { random }: World): void {
  if (client.topics.length > 0) client.unsubscribe(random.pick(client.topics));
}

function onLine(world: World, act: (line: Line) => void): void {
  if (world.lines.length > 0) act(world.random.pick(world.lines));
}

function publish(client: BareClient, { random, config }: World): void {
  const topic = random.pick(config.topics);
  const count = random.chance(0.3) ? random.int(2, 12) : 1;
  for (let i = 0; i < count; i++)
    client.publish(topic, {
      withId: random.chance(0.7),
      priority: random.pick([0, 1, 1, 1, 2] as const),
      retain: random.chance(0.15),
      empty: random.chance(0.03),
    });
}

function flood(client: BareClient, { random, config }: World): void {
  const topic = random.pick(config.topics);
  const plain = { withId: false, priority: 1, retain: false, empty: false } as const;
  for (let i = 0; i < config.flood; i++) client.publish(topic, plain);
}

function subscribe(client: BareClient, { random, config }: World): void {
  const isFilter = config.filters.length > 0 && random.chance(0.4);
  const filter = random.pick<string>(isFilter ? config.filters : config.topics);
  // The personal topic comes with `connect`.
  if (filter.startsWith("user/")) return;
  const spans = filter === "#" || filter === "+/a";
  client.subscribe({
    filter,
    retained: !spans && random.chance(0.2),
    window: spans ? undefined : random.maybe(0.2, random.int(1, 5)),
    presence: !isFilter && random.chance(0.4),
  });
}

function unsubscribe(client: BareClient, { random }: World): void {
  const wants = [...client.wants.values()].filter(({ filter }) => !filter.startsWith("user/"));
  if (wants.length > 0) client.unsubscribe(random.pick(wants));
}

function ack(client: BareClient, { random }: World): void {
  for (const want of client.wants.values()) if (want.window !== undefined) client.ack(want, random.next());
}

function askAgain(client: BareClient): void {
  for (const want of client.wants.values()) client.ask(want);
}

function page(client: BareClient, { random, node, config }: World): void {
  const topic = random.pick(config.topics);
  const epoch = node?.epochOf(topic) ?? "";
  const offset = random.int(0, node?.streamOf(topic.split("/")[0] ?? "").dispatched ?? 0);
  const after: Position | undefined = random.maybe(0.6, { epoch, offset });
  const before = after === undefined ? random.maybe(0.5, offset + 1) : undefined;
  client.history({ topic, after, before, limit: random.int(1, 5) });
}

function stepLog({ logs, random }: World): void {
  for (let i = random.int(1, 4); i > 0 && logs.length > 0; i--) random.pick(logs).step();
}

function lose(world: World): void {
  onLine(world, (line) => {
    world.note(`the connection of ${line.client.name} is lost`);
    line.lose(world.random, world.clock.now());
  });
}

/** One end of a lost connection finds out. */
function learn({ lines, random }: World): void {
  const lost = lines.filter(({ lostAt }) => lostAt !== undefined);
  if (lost.length === 0) return;
  const line = random.pick(lost);
  if (random.chance(0.5)) line.serverLearns();
  else line.clientLearns();
}
