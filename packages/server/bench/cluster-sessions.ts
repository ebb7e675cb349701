import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RedisClient } from "bun";
import { findNatsServer, NatsServer } from "../../../scripts/servers/nats.ts";
import { openNatsSessions } from "../src/adapters/nats/sessions/open.ts";
import { openSqliteSessionStore } from "../src/adapters/sqlite/session-store.ts";
import { systemClock } from "../src/clock.ts";
import type { SessionChange, SessionStore } from "../src/durable/session-store.ts";

/**
 * Writes of sessions a second, of the stores that a cluster may have: `bun packages/server/bench/cluster-sessions.ts [seconds] [under way]`.
 *
 * 1,000 sessions each have one write under way: a message is sent, an earlier one is acknowledged, the position moves. So many messages
 * are under way to each client (1 unless told). JetStream by the adapter; Redis by a prototype of one, a script for each write that looks
 * whether the writer still has the session; SQLite beside them, which only one gateway can have. Servers share this machine's cores.
 * What is not installed is left out.
 */
const [seconds = 4, underWay = 1] = process.argv.slice(2).map(Number);
const SESSIONS = 1000;
/** The kernel counts CPU time in hundredths of a second: microseconds. */
const TICK = 10_000;

/** Writes one message's changes of a session. */
type Write = (packet: number) => Promise<void>;

interface Subject {
  readonly name: string;
  readonly pid: number | undefined;
  session(id: string): Promise<Write>;
  close(): Promise<void>;
}

function changesOf(packet: number): readonly SessionChange[] {
  const flight = {
    direction: "out",
    packet: (packet % 60_000) + 1,
    state: "sent",
    filter: "plant/+/t",
    epoch: "epoch-of-the-log",
    offset: packet,
    messageId: "1",
  } as const;
  const acknowledged = ((packet - underWay + 60_000) % 60_000) + 1;
  return [
    { kind: "flight", flight },
    { kind: "landed", direction: "out", packet: acknowledged },
    { kind: "position", filter: "plant/+/t", epoch: "epoch-of-the-log", offset: packet },
  ];
}

function ofStore(name: string, store: SessionStore, pid: number | undefined, end: () => Promise<void>): Subject {
  return {
    name,
    pid,
    async session(id) {
      const { claim } = await store.claim(id, () => [
        { kind: "create", user: "user" },
        { kind: "subscribe", filter: "plant/+/t", options: '{"options":{"qos":1},"since":[]}' },
      ]);
      return (packet) => claim!.write(changesOf(packet));
    },
    async close() {
      await store.close();
      await end();
    },
  };
}

async function nats(path: string, name: string, jetstream: string): Promise<Subject> {
  const server = await NatsServer.start(path, { jetstream });
  const store = await openNatsSessions({
    servers: [server.url],
    stream: "sessions",
    durability: "process",
    clock: systemClock,
    randomId: () => crypto.randomUUID(),
    maxBytes: 1 << 28,
    warn: console.warn,
  });
  return ofStore(name, store, server.pid, () => server.remove());
}

async function sqlite(): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
  const options = {
    path: join(dir, "sessions.db"),
    durability: "process",
    clock: systemClock,
    warn: console.warn,
  } as const;
  const end = (): Promise<void> => Promise.resolve(rmSync(dir, { recursive: true }));
  return ofStore("sqlite, process", await openSqliteSessionStore(options), undefined, end);
}

const SCRIPT = `
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return redis.error_reply('TAKEN') end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5])
redis.call('HDEL', KEYS[1], ARGV[6])
return 1`;

async function redis(path: string, fsync: string): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
  const socket = join(dir, "redis.sock");
  const settings = ["--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "yes"];
  const server = Bun.spawn([path, ...settings, "--appendfsync", fsync], { stdout: "ignore", stderr: "ignore" });
  while (
    !(await Bun.file(socket)
      .stat()
      .then(
        () => true,
        () => false,
      ))
  )
    await Bun.sleep(10);
  const client = new RedisClient(`redis+unix://${socket}`);
  const sha = String(await client.send("SCRIPT", ["LOAD", SCRIPT]));
  return {
    name: `redis, appendfsync ${fsync}`,
    pid: server.pid,
    async session(id) {
      await client.send("HSET", [id, "owner", "1", "user", "user", "s:plant/+/t", '{"options":{"qos":1},"since":[]}']);
      return async (packet) => {
        const flight = `${packet}\tsent\tplant/+/t\tepoch-of-the-log\t${packet}\t1`;
        const position = "p:epoch-of-the-log:plant/+/t";
        const fields = [`o${packet}`, flight, position, `${packet}`, `o${packet - underWay}`];
        await client.send("EVALSHA", [sha, "1", id, "1", ...fields]);
      };
    },
    async close() {
      client.close();
      server.kill();
      await server.exited;
      rmSync(dir, { recursive: true });
    },
  };
}

/** Microseconds of CPU that a process has had. */
function cpuOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
  return (Number(fields[13]) + Number(fields[14])) * TICK;
}

async function measure({ name, pid, session }: Subject): Promise<void> {
  const writes = await Promise.all(Array.from({ length: SESSIONS }, (_, n) => session(`client-${n}`)));
  const times: number[] = [];
  let done = 0;
  const end = performance.now() + seconds * 1000;
  const [own, server] = [process.cpuUsage(), cpuOf(pid)];
  const run = async (write: Write): Promise<void> => {
    for (let packet = 1; performance.now() < end; packet++) {
      const begun = performance.now();
      await write(packet);
      if (++done % 16 === 0) times.push(performance.now() - begun);
    }
  };
  await Promise.all(writes.map(run));
  const { user, system } = process.cpuUsage(own);
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  const cpu = `gateway ${((user + system) / done).toFixed(1)} µs, server ${((cpuOf(pid) - server) / done).toFixed(1)} µs a write`;
  console.log(`${name}: ${Math.round(done / seconds)} writes/s, P50 ${at(0.5)} ms, P99 ${at(0.99)} ms, ${cpu}`);
}

const [natsPath, redisPath] = [findNatsServer(), Bun.which("redis-server")];
const makers: (() => Promise<Subject>)[] = [sqlite];
if (natsPath !== undefined)
  makers.push(
    () => nats(natsPath, "jetstream, process", ""),
    () => nats(natsPath, "jetstream, power", "sync_interval: always"),
  );
if (redisPath !== null)
  makers.push(
    () => redis(redisPath, "everysec"),
    () => redis(redisPath, "always"),
  );
for (const make of makers) {
  const subject = await make();
  await measure(subject);
  await subject.close();
}
process.exit();
