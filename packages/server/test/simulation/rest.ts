import type { BareClient } from "./bare-client.ts";
import { carryAll } from "./steps.ts";
import { must } from "./violation.ts";
import type { Place, World } from "./world.ts";

/** Milliseconds of peace: longer than tokens live, acknowledgements wait and connections take to be given up. */
const PEACE = 30_000;
const ROUND = 500;

/** All troubles end: after a while everybody has everything. Then all leave, and nothing is left of them. */
export function rest(world: World): void {
  world.note("the network is healthy from here on");
  world.tokenLife = 0;
  world.start();
  for (const log of world.logs) log.heal();
  for (let time = 0; time < PEACE; time += ROUND) round(world);
  for (let i = 0; i < 10; i++) carryAll(world);
  checkClients(world);
  checkPresence(world);
  leaveAll(world);
}

function round(world: World): void {
  world.truth.tick++;
  for (const line of world.lines) {
    line.stalled = false;
    if (line.lostAt === undefined) continue;
    line.serverLearns();
    line.clientLearns();
  }
  for (const client of world.clients) tend(client);
  carryAll(world);
  while (acknowledgeAll(world)) carryAll(world);
  world.check();
  world.sweep();
  world.advance(ROUND);
}

function tend(client: BareClient): void {
  client.connect();
  client.republish();
  for (const want of client.wants.values()) client.ask(want);
}

/** False if nobody had anything to acknowledge. */
function acknowledgeAll({ clients, sdkClients }: World): boolean {
  const bare = clients.filter(acknowledge).length;
  return sdkClients.filter((client) => client.acknowledge()).length + bare > 0;
}

/** All that is open; false if nothing was. */
function acknowledge(client: BareClient): boolean {
  const open = [...client.wants.values()].filter(
    ({ state, window, ledger }) => state === "live" && window !== undefined && (ledger?.unacknowledged.length ?? 0) > 0,
  );
  for (const want of open) client.ack(want, 1);
  return open.length > 0;
}

function checkClients(world: World): void {
  const { node } = world;
  const epochs = node === undefined ? [] : [node.epochOf("chat"), node.epochOf("mem")];
  for (const client of world.sdkClients) client.rest(epochs);
  for (const client of world.clients) {
    must(client.isOn, "G9", () => `${client.name} is not connected`, [client.name]);
    must(client.unanswered === 0, "G9", () => `${client.name} has publishes without an answer`, [client.name]);
    for (const want of client.wants.values()) {
      const subject = `${client.name} ${want.filter}`;
      must(want.state === "live" && want.ledger !== undefined, "G9", () => `${subject} is ${want.state}`, [subject]);
      want.ledger?.rest(epochs);
    }
  }
}

/** What a question is answered with is who has asked to be there. */
function checkPresence(world: World): void {
  // Each of several gateways knows its own members here.
  if (world.config.gateways > 1) return;
  for (const topic of new Set(world.config.topics)) {
    const here = world.clients.filter(({ wants }) => wants.get(topic)?.presence === true);
    const bare = here.map((client) => client.user ?? client.session ?? "");
    const sdk = world.sdkClients.map((client) => client.memberOf(topic)).filter((member) => member !== undefined);
    const expected = [...new Set([...bare, ...sdk])].toSorted();
    world.clients[0]?.presence(topic, (count, members) => {
      const found = members.toSorted();
      const holds = found.join() === expected.join() && count === expected.length;
      must(holds, "G10", () => `${topic}: ${found.join()} instead of ${expected.join()}`, [topic]);
    });
  }
  carryAll(world);
}

function leaveAll(world: World): void {
  for (const client of [...world.clients]) client.leave();
  for (const client of world.sdkClients) client.close();
  for (const { node } of world.places) node.dismiss();
  for (let i = 0; i < 3; i++) {
    carryAll(world);
    world.advance(10_000);
  }
  carryAll(world);
  for (const place of world.places) nothingLeft(place);
}

function nothingLeft({ node, logs }: Place): void {
  const { hub, sessions, audience } = node.services;
  const left = {
    sessions: sessions.size,
    groups: hub.groups,
    audience: audience.size,
    fanout: node.sockets.groups,
    sockets: node.sockets.sockets.size,
    members: node.presence.topics,
    ...node.presence.waiting,
    appends: node.streams.durable.appender.depth + node.streams.memory.appender.depth,
    interests: node.interests.size,
    calls: logs.reduce((sum, { underWay }) => sum + underWay, 0),
    // Those of the sweeper and of the retention are always there.
    timers: node.parts.clock.timers - 2,
  };
  const rest = Object.entries(left).filter(([, count]) => count !== 0);
  must(rest.length === 0, "G11", () => `left after all are gone: ${JSON.stringify(Object.fromEntries(rest))}`);
}
