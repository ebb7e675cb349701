import { mkdtempSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { RedisClient } from "bun";
import { Exchange } from "../../src/adapters/nats/exchange.ts";
import { encodeHead } from "../../src/adapters/nats/head.ts";
import { openConnection } from "../../src/adapters/nats/link.ts";
import { systemClock } from "../../src/clock.ts";
import { startNats } from "../support/nats.ts";
import { EPOCH, FILTER, SUBSCRIPTION, type Subject } from "./subject.ts";

/** The least that JetStream can do: a write is one message of so many bytes, refused if it is not the writer's own that it follows. */
export async function bareJetstream(name: string, jetstream: string, bytes: number): Promise<Subject> {
  const server = await startNats({ jetstream });
  const connection = await openConnection({ servers: [server.url] });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "bare", subjects: ["bare.*"], max_msgs_per_subject: 1, max_bytes: 1 << 28 });
  const exchange = new Exchange(connection, systemClock, 10_000);
  const body = "x".repeat(bytes);
  return {
    name,
    pid: server.pid,
    session(id) {
      let last = 0;
      return Promise.resolve(async () => {
        const head = encodeHead([["Nats-Expected-Last-Subject-Sequence", last]]);
        const [answer] = await exchange.ask(`bare.${id}`, body, { head });
        const { seq } = JSON.parse(answer?.string() ?? "{}") as { readonly seq?: number };
        if (seq === undefined) throw new Error(`NATS refused it: ${answer?.string()}`);
        last = seq;
      });
    },
    close: () => connection.close().then(() => server.remove()),
  };
}

/** A script that looks whether the writer still has the session. */
const SCRIPT = `
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return redis.error_reply('TAKEN') end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5])
redis.call('HDEL', KEYS[1], ARGV[6])
return 1`;

/** The least that Redis can do: a hash for each session, a script for each write. */
export async function bareRedis(path: string, fsync: string, underWay: number): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
  const socket = join(dir, "redis.sock");
  const settings = ["--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "yes"];
  const server = Bun.spawn([path, ...settings, "--appendfsync", fsync], { stdout: "ignore", stderr: "ignore" });
  while (!(await isThere(socket))) await Bun.sleep(10);
  const client = new RedisClient(`redis+unix://${socket}`);
  const sha = String(await client.send("SCRIPT", ["LOAD", SCRIPT]));
  return {
    name: `Redis, prototype, \`appendfsync ${fsync}\``,
    pid: server.pid,
    async session(id) {
      await client.send("HSET", [id, "owner", "1", "user", "user", `s:${FILTER}`, SUBSCRIPTION]);
      return async (packet) => {
        const flight = `${packet}\tsent\t${FILTER}\t${EPOCH}\t${packet}\t1`;
        const fields = [`o${packet}`, flight, `p:${EPOCH}:${FILTER}`, `${packet}`, `o${packet - underWay}`];
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

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
