import { bareJetstream, bareRedis } from "./cluster-sessions/prototypes.ts";
import { jetstreamStore, sqliteStore } from "./cluster-sessions/stores.ts";
import type { Subject, Write } from "./cluster-sessions/subject.ts";
import { cpuOf } from "./support/cpu.ts";
import { quantile } from "./support/quantile.ts";

/**
 * Writes of sessions a second, of the stores that a cluster may have: `bun packages/server/bench/cluster-sessions.ts [seconds] [under way]`.
 *
 * 1,000 sessions each have one write under way: a message is sent, an earlier one is acknowledged, the position moves. So many messages
 * are under way to each client (1 unless told). JetStream and Redis by prototypes that do the least: what each of them could give. JetStream
 * also by the adapter, and SQLite's beside it, which only one gateway can have. Servers share this machine's cores. Redis is left out
 * where there is no redis-server.
 */
const [seconds = 4, underWay = 1] = process.argv.slice(2).map(Number);
const SESSIONS = 1000;
const SYNCED = "sync_interval: always";
/** Bytes of a delta, as the adapter writes it for one message under way, and of a whole session with a hundred subscriptions. */
const [DELTA, WHOLE] = [150, 5000] as const;

const redis = Bun.which("redis-server");
const makers: readonly (() => Promise<Subject>)[] = [
  ...(redis === null ? [] : ["everysec", "always"].map((fsync) => () => bareRedis(redis, fsync, underWay))),
  () => bareJetstream("JetStream, prototype, `process`", "", DELTA),
  () => bareJetstream("JetStream, prototype, `power`", SYNCED, DELTA),
  () => bareJetstream(`JetStream, prototype, \`process\`, ${WHOLE} bytes a write`, "", WHOLE),
  () => jetstreamStore("JetStream, the adapter, `process`", "", underWay),
  () => jetstreamStore("JetStream, the adapter, `power`", SYNCED, underWay),
  () => sqliteStore(underWay),
];

console.log(
  "| | writes/s | P50 ms | P99 ms | CPU of the gateway, µs | CPU of the server, µs |\n|---|---|---|---|---|---|",
);
for (const make of makers) {
  const subject = await make();
  console.log(await measure(subject));
  await subject.close();
}
process.exit();

async function measure({ name, pid, session }: Subject): Promise<string> {
  const writes = await Promise.all(Array.from({ length: SESSIONS }, (_, n) => session(`client-${n}`)));
  const times: number[] = [];
  let done = 0;
  const end = performance.now() + seconds * 1000;
  const before = [cpuOf(process.pid), cpuOf(pid)] as const;
  const run = async (write: Write): Promise<void> => {
    for (let packet = 1; performance.now() < end; packet++) {
      const begun = performance.now();
      await write(packet);
      if (++done % 16 === 0) times.push(performance.now() - begun);
    }
  };
  await Promise.all(writes.map(run));
  const cpu = [cpuOf(process.pid) - before[0], cpuOf(pid) - before[1]].map((all) => (all / done).toFixed(1));
  const waits = [0.5, 0.99].map((share) => quantile(times, share).toFixed(0));
  return `| ${[name, Math.round(done / seconds), ...waits, ...cpu].join(" | ")} |`;
}
